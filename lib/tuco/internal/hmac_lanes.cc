#include "tuco/internal/hmac_lanes.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace tuco::internal {
namespace {

// FIPS 180-4, 5.3.3: what SHA-256 starts from.
constexpr Sha256Words kSha256Start = {0x6a09e667, 0xbb67ae85, 0x3c6ef372,
                                      0xa54ff53a, 0x510e527f, 0x9b05688c,
                                      0x1f83d9ab, 0x5be0cd19};

// One digest to be made: of `prefix` and `message` behind what `start` has
// seen, and hashed once more behind `outer` where there is one.
struct HashJob {
  const Sha256Words& start;
  std::size_t bytes_before;
  std::string_view prefix;  // Shorter than a block.
  std::string_view message;
  const Sha256Words* outer;
  Digest& digest;
};

HashJob HmacJob(const HmacWords& key, std::string_view message, Digest& tag) {
  return {key.inner, kSha256BlockBytes, {}, message, &key.outer, tag};
}

// A message's way through its lane: the block that the prefix begins, whole
// blocks where they lie, the rest and the padding, then the outer hash over the
// inner one.
enum class Stage { kFirstBlock, kWholeBlocks, kRest, kOuter };

struct HashLane : Sha256Lane {
  Stage stage;
  // How many blocks of this stage lie ahead of `next`.
  std::size_t blocks;
  std::string_view ahead;  // What of the message is behind this stage.
  std::uint64_t hashed;    // Bytes in all, those before the message included.
  const Sha256Words* outer;
  Digest* digest;
  std::array<unsigned char, 2 * kSha256BlockBytes> padded;
};

constexpr unsigned char kEndOfMessage = 0x80;
constexpr std::size_t kLengthBytes = 8;

// Ends the `size` bytes in `padded` as FIPS 180-4, 5.1.1 wants it, to be taken
// next.
void Pad(HashLane& lane, std::size_t size) {
  lane.blocks = size + kLengthBytes < kSha256BlockBytes ? 1 : 2;
  const std::size_t end = lane.blocks * kSha256BlockBytes;
  lane.padded[size] = kEndOfMessage;
  std::fill(lane.padded.begin() + size + 1, lane.padded.begin() + end, 0);
  std::uint64_t bits = 8 * lane.hashed;
  for (std::size_t i = 1; i <= kLengthBytes; ++i, bits >>= 8) {
    lane.padded[end - i] = static_cast<unsigned char>(bits);
  }
  lane.next = lane.padded.data();
}

// Moves bytes from the front of what is ahead into `padded`.
void TakeInto(HashLane& lane, std::size_t at, std::size_t size) {
  lane.ahead.copy(reinterpret_cast<char*>(&lane.padded[at]), size);
  lane.ahead.remove_prefix(size);
}

void StoreWords(const Sha256Words& words, unsigned char* to) {
  for (const std::uint32_t word : words) {
    *to++ = static_cast<unsigned char>(word >> 24);
    *to++ = static_cast<unsigned char>(word >> 16);
    *to++ = static_cast<unsigned char>(word >> 8);
    *to++ = static_cast<unsigned char>(word);
  }
}

// All that is ahead goes behind the `filled` bytes in `padded`.
void BeginRest(HashLane& lane, std::size_t filled) {
  lane.stage = Stage::kRest;
  const std::size_t size = lane.ahead.size();
  TakeInto(lane, filled, size);
  Pad(lane, filled + size);
}

void BeginWholeBlocks(HashLane& lane) {
  lane.blocks = lane.ahead.size() / kSha256BlockBytes;
  if (lane.blocks == 0) return BeginRest(lane, 0);
  lane.stage = Stage::kWholeBlocks;
  lane.next = reinterpret_cast<const unsigned char*>(lane.ahead.data());
  lane.ahead.remove_prefix(lane.blocks * kSha256BlockBytes);
}

void BeginOuter(HashLane& lane) {
  lane.stage = Stage::kOuter;
  StoreWords(lane.words, lane.padded.data());
  lane.words = *lane.outer;
  lane.hashed = kSha256BlockBytes + std::tuple_size_v<Digest>;
  Pad(lane, std::tuple_size_v<Digest>);
}

void Begin(HashLane& lane, const HashJob& job) {
  lane.words = job.start;
  lane.ahead = job.message;
  lane.hashed = job.bytes_before + job.prefix.size() + job.message.size();
  lane.outer = job.outer;
  lane.digest = &job.digest;
  if (job.prefix.empty()) return BeginWholeBlocks(lane);
  job.prefix.copy(reinterpret_cast<char*>(lane.padded.data()),
                  job.prefix.size());
  const std::size_t room = kSha256BlockBytes - job.prefix.size();
  if (job.message.size() < room) return BeginRest(lane, job.prefix.size());
  lane.stage = Stage::kFirstBlock;
  lane.blocks = 1;
  lane.next = lane.padded.data();
  TakeInto(lane, job.prefix.size(), room);
}

// Moves a lane that has taken its blocks to its next stage; false after the
// last one.
bool NextStage(HashLane& lane) {
  switch (lane.stage) {
    case Stage::kFirstBlock:
      BeginWholeBlocks(lane);
      return true;
    case Stage::kWholeBlocks:
      BeginRest(lane, 0);
      return true;
    case Stage::kRest:
      if (lane.outer == nullptr) break;
      BeginOuter(lane);
      return true;
    case Stage::kOuter:
      break;
  }
  StoreWords(lane.words, lane.digest->data());
  return false;
}

HashLane& Of(Sha256Lane* lane) { return *static_cast<HashLane*>(lane); }

// Does job(0) to job(count - 1), in any order.
template <class JobAt>
void DoByLanes(const Sha256Path& path, std::size_t count, JobAt job) {
  std::array<HashLane, kSha256LanesMax> lanes;
  // Those at work, in any order.
  std::array<Sha256Lane*, kSha256LanesMax> busy;
  std::size_t busy_count = std::min(path.width, count);
  std::size_t begun = 0;
  for (; begun < busy_count; ++begun) {
    busy[begun] = &lanes[begun];
    Begin(lanes[begun], job(begun));
  }
  while (busy_count > 0) {
    std::size_t blocks = Of(busy[0]).blocks;
    for (std::size_t i = 1; i < busy_count; ++i) {
      blocks = std::min(blocks, Of(busy[i]).blocks);
    }
    path.compress({busy.data(), busy_count}, blocks);
    // From the end, for the last one takes the place of one that is through.
    for (std::size_t i = busy_count; i-- > 0;) {
      HashLane& lane = Of(busy[i]);
      lane.blocks -= blocks;
      if (lane.blocks > 0 || NextStage(lane)) continue;
      if (begun < count) {
        Begin(lane, job(begun));
        ++begun;
      } else {
        busy[i] = busy[--busy_count];
      }
    }
  }
}

}  // namespace

void SignByLanes(const Sha256Path& path, const HmacWords& key,
                 std::span<const std::string_view> messages,
                 std::span<Digest> tags) {
  DoByLanes(path, messages.size(),
            [&](std::size_t i) { return HmacJob(key, messages[i], tags[i]); });
}

void HashByLanes(const Sha256Path& path, std::string_view prefix,
                 std::span<const std::string_view> messages,
                 std::span<Digest> digests) {
  DoByLanes(path, messages.size(), [&](std::size_t i) -> HashJob {
    return {kSha256Start, 0, prefix, messages[i], nullptr, digests[i]};
  });
}

void SignOneByOne(const HmacSha256Key& key,
                  std::span<const std::string_view> messages,
                  std::span<Digest> tags) {
  for (std::size_t i = 0; i < messages.size(); ++i) {
    tags[i] = key.Sign(messages[i]);
  }
}

Digest SignAndHashByLanes(const Sha256Path& path,
                          std::span<const HmacWords> keys,
                          std::string_view prefix, std::string_view message,
                          std::span<Digest> tags) {
  Digest digest;
  DoByLanes(path, keys.size() + 1, [&](std::size_t i) -> HashJob {
    if (i < keys.size()) return HmacJob(keys[i], message, tags[i]);
    return {kSha256Start, 0, prefix, message, nullptr, digest};
  });
  return digest;
}

}  // namespace tuco::internal

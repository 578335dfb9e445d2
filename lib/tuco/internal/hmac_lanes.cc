#include "tuco/internal/hmac_lanes.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace tuco::internal {
namespace {

// A message's way through its lane: its whole blocks where they lie, its rest
// and the padding, then the outer hash over the inner one.
enum class Stage { kWholeBlocks, kRest, kOuter };

struct HmacLane : Sha256Lane {
  Stage stage;
  // How many blocks of this stage lie ahead of `next`.
  std::size_t blocks;
  std::string_view message;
  Digest* tag;
  std::array<unsigned char, 2 * kSha256BlockBytes> padded;
};

constexpr unsigned char kEndOfMessage = 0x80;
constexpr std::size_t kLengthBytes = 8;

// Ends the `size` bytes in `padded` as FIPS 180-4, 5.1.1 wants it, to be taken
// next. The key's block was hashed before the `hashed` bytes of all.
void Pad(HmacLane& lane, std::size_t size, std::uint64_t hashed) {
  lane.blocks = size + kLengthBytes < kSha256BlockBytes ? 1 : 2;
  const std::size_t end = lane.blocks * kSha256BlockBytes;
  lane.padded[size] = kEndOfMessage;
  std::fill(lane.padded.begin() + size + 1, lane.padded.begin() + end, 0);
  std::uint64_t bits = 8 * (kSha256BlockBytes + hashed);
  for (std::size_t i = 1; i <= kLengthBytes; ++i, bits >>= 8) {
    lane.padded[end - i] = static_cast<unsigned char>(bits);
  }
  lane.next = lane.padded.data();
}

void StoreWords(const Sha256Words& words, unsigned char* to) {
  for (const std::uint32_t word : words) {
    *to++ = static_cast<unsigned char>(word >> 24);
    *to++ = static_cast<unsigned char>(word >> 16);
    *to++ = static_cast<unsigned char>(word >> 8);
    *to++ = static_cast<unsigned char>(word);
  }
}

void BeginRest(HmacLane& lane) {
  const std::size_t size = lane.message.size() % kSha256BlockBytes;
  lane.stage = Stage::kRest;
  lane.message.copy(reinterpret_cast<char*>(lane.padded.data()), size,
                    lane.message.size() - size);
  Pad(lane, size, lane.message.size());
}

void BeginOuter(HmacLane& lane, const HmacWords& key) {
  lane.stage = Stage::kOuter;
  StoreWords(lane.words, lane.padded.data());
  lane.words = key.outer;
  Pad(lane, std::tuple_size_v<Digest>, std::tuple_size_v<Digest>);
}

void BeginMessage(HmacLane& lane, const HmacWords& key,
                  std::string_view message, Digest& tag) {
  lane.stage = Stage::kWholeBlocks;
  lane.words = key.inner;
  lane.message = message;
  lane.tag = &tag;
  lane.next = reinterpret_cast<const unsigned char*>(message.data());
  lane.blocks = message.size() / kSha256BlockBytes;
  if (lane.blocks == 0) BeginRest(lane);
}

// Moves a lane that has taken its blocks to its next stage; false after the
// last one.
bool NextStage(HmacLane& lane, const HmacWords& key) {
  switch (lane.stage) {
    case Stage::kWholeBlocks:
      BeginRest(lane);
      return true;
    case Stage::kRest:
      BeginOuter(lane, key);
      return true;
    case Stage::kOuter:
      StoreWords(lane.words, lane.tag->data());
      return false;
  }
  return false;
}

HmacLane& Of(Sha256Lane* lane) { return *static_cast<HmacLane*>(lane); }

}  // namespace

void SignByLanes(const Sha256Path& path, const HmacWords& key,
                 std::span<const std::string_view> messages,
                 std::span<Digest> tags) {
  std::array<HmacLane, kSha256LanesMax> lanes;
  // Those at work, in any order.
  std::array<Sha256Lane*, kSha256LanesMax> busy;
  std::size_t busy_count = std::min(path.width, messages.size());
  std::size_t begun = 0;
  for (; begun < busy_count; ++begun) {
    busy[begun] = &lanes[begun];
    BeginMessage(lanes[begun], key, messages[begun], tags[begun]);
  }
  while (busy_count > 0) {
    std::size_t blocks = Of(busy[0]).blocks;
    for (std::size_t i = 1; i < busy_count; ++i) {
      blocks = std::min(blocks, Of(busy[i]).blocks);
    }
    path.compress({busy.data(), busy_count}, blocks);
    // From the end, for the last one takes the place of one that is through.
    for (std::size_t i = busy_count; i-- > 0;) {
      HmacLane& lane = Of(busy[i]);
      lane.blocks -= blocks;
      if (lane.blocks > 0 || NextStage(lane, key)) continue;
      if (begun < messages.size()) {
        BeginMessage(lane, key, messages[begun], tags[begun]);
        ++begun;
      } else {
        busy[i] = busy[--busy_count];
      }
    }
  }
}

void SignOneByOne(const HmacSha256Key& key,
                  std::span<const std::string_view> messages,
                  std::span<Digest> tags) {
  for (std::size_t i = 0; i < messages.size(); ++i) {
    tags[i] = key.Sign(messages[i]);
  }
}

}  // namespace tuco::internal

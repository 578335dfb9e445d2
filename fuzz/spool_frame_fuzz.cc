// Property: what a reader of the spool makes of a file accounts for each of its
// bytes once, in order; a frame that it yields stands there bit for bit as it
// is written; a payload that it takes for a record is the one way to write that
// record; and of frames of which one is damaged it yields all others, unless
// the header is damaged of one whose payload has a frame for just that place.
// Input: four bytes that say what to damage, then a file, or the payloads of
// frames, each after its length in two bytes, the low one first.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "fuzz/check.h"
#include "server/base/file_system.h"
#include "server/log/little_endian.h"
#include "server/log/spool_frame.h"
#include "server/log/spool_record.h"

namespace {

using tuco::log::AppendSpoolFrame;
using tuco::log::SpoolPiece;

constexpr std::uint64_t kSegment = 3;

// A file that is only read.
class Bytes final : public tuco::base::File {
 public:
  explicit Bytes(std::string_view bytes) : bytes_(bytes) {}
  absl::StatusOr<std::size_t> ReadAt(std::uint64_t offset,
                                     std::span<char> to) const override {
    return bytes_.copy(to.data(), to.size(), offset);
  }
  absl::StatusOr<std::uint64_t> Size() const override { return bytes_.size(); }
  absl::Status WriteAt(std::uint64_t, std::string_view) override {
    return absl::UnimplementedError("");
  }
  absl::Status Truncate(std::uint64_t) override {
    return absl::UnimplementedError("");
  }
  absl::Status Sync() override { return absl::UnimplementedError(""); }
  absl::Status TryLock() override { return absl::UnimplementedError(""); }

 private:
  const std::string_view bytes_;
};

void CheckPayload(std::string_view payload) {
  const auto record = tuco::log::DecodeSpoolRecord(payload);
  if (!record.ok()) return;
  std::string again;
  tuco::log::AppendSpoolRecord(*record, again);
  FUZZ_CHECK(again == payload);
  FUZZ_CHECK(tuco::log::SpoolRecordBytes(*record) == payload.size());
}

// The numbers of the frames in `file`.
std::vector<std::uint64_t> Read(std::string_view file) {
  const Bytes bytes(file);
  tuco::log::SpoolFrameReader reader(bytes, {.segment = kSegment}, file.size());
  std::vector<std::uint64_t> numbers;
  std::uint64_t end = 0;
  while (const std::optional<SpoolPiece> piece = reader.Next().value()) {
    FUZZ_CHECK(piece->offset == end && piece->bytes > 0);
    end = piece->end();
    FUZZ_CHECK(end <= file.size());
    if (!piece->frame) continue;
    FUZZ_CHECK(piece->frame->number >
               (numbers.empty() ? kSegment - 1 : numbers.back()));
    numbers.push_back(piece->frame->number);
    std::string frame;
    AppendSpoolFrame({.segment = kSegment, .offset = piece->offset},
                     *piece->frame, piece->payload, frame);
    FUZZ_CHECK(frame == file.substr(piece->offset, piece->bytes));
    CheckPayload(piece->payload);
  }
  FUZZ_CHECK(end == file.size());
  return numbers;
}

struct Frames {
  std::string file;
  std::vector<std::size_t> ends;
};

// Frames of the first payloads in `input`.
Frames FramesOf(std::string_view input) {
  constexpr std::size_t kLengthBytes = 2;
  constexpr std::size_t kFramesMax = 16;
  Frames frames;
  while (input.size() >= kLengthBytes && frames.ends.size() < kFramesMax) {
    const std::size_t length =
        tuco::log::NumberIn(input.substr(0, kLengthBytes));
    input.remove_prefix(kLengthBytes);
    const std::string_view payload = input.substr(0, length);
    input.remove_prefix(payload.size());
    CheckPayload(payload);
    const std::uint64_t number = kSegment + frames.ends.size();
    AppendSpoolFrame({.segment = kSegment, .offset = frames.file.size()},
                     {.number = number, .synced = number - 1}, payload,
                     frames.file);
    frames.ends.push_back(frames.file.size());
  }
  return frames;
}

void CheckDamage(std::string_view input, std::uint64_t damage) {
  Frames frames = FramesOf(input);
  std::vector<std::uint64_t> expected;
  for (std::size_t i = 0; i < frames.ends.size(); ++i) {
    expected.push_back(kSegment + i);
  }
  FUZZ_CHECK(Read(frames.file) == expected);
  if (frames.file.empty()) return;
  const std::size_t bit = damage % (8 * frames.file.size());
  char& byte = frames.file[bit / 8];
  byte = static_cast<char>(byte ^ (1 << bit % 8));
  const auto hit =
      std::upper_bound(frames.ends.begin(), frames.ends.end(), bit / 8);
  expected.erase(expected.begin() + (hit - frames.ends.begin()));
  const std::vector<std::uint64_t> found = Read(frames.file);
  const bool looks_like_frames = input.find("TUCOSPOL") != input.npos;
  FUZZ_CHECK(found == expected || looks_like_frames);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  constexpr std::size_t kDamageBytes = 4;
  const std::string_view input = tuco::fuzz::Text(data, size);
  const std::string_view damage = input.substr(0, kDamageBytes);
  const std::string_view rest = input.substr(damage.size());
  Read(rest);
  CheckDamage(rest, tuco::log::NumberIn(damage));
  return 0;
}

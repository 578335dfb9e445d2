#include "server/log/spool_frame.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "tests/server/base/memory_disk.h"

namespace tuco::log {
namespace {

using base::FileSystem;
using base::MemoryDisk;

// What a piece says, without what is only a view.
struct Part {
  std::uint64_t offset = 0;
  std::uint64_t bytes = 0;
  std::uint64_t number = 0;  // 0: damaged.
  std::uint64_t synced = 0;
  std::string payload;

  friend bool operator==(const Part&, const Part&) = default;
};

std::ostream& operator<<(std::ostream& out, const Part& part) {
  return out << "{" << part.offset << " +" << part.bytes << ", number "
             << part.number << ", '" << part.payload.substr(0, 20) << "'}";
}

constexpr std::uint64_t kSegment = 5;

class SpoolFrameTest : public ::testing::Test {
 protected:
  // The bytes of segment 5 with frames of `payloads`, from number 5 on.
  std::string Segment(const std::vector<std::string>& payloads) {
    std::string bytes;
    std::uint64_t number = kSegment;
    for (const std::string& payload : payloads) {
      const std::uint64_t offset = bytes.size();
      AppendSpoolFrame({.segment = kSegment, .offset = offset},
                       {.number = number, .synced = kSegment - 1}, payload,
                       bytes);
      parts_.push_back({.offset = offset,
                        .bytes = bytes.size() - offset,
                        .number = number++,
                        .synced = kSegment - 1,
                        .payload = payload});
    }
    return bytes;
  }
  Part Damage(std::uint64_t offset, std::uint64_t bytes) {
    return {.offset = offset, .bytes = bytes};
  }

  std::vector<Part> Read(const std::string& bytes, std::uint64_t begin = 0,
                         std::uint64_t segment = kSegment) {
    MemoryDisk disk(1);
    const auto file =
        disk.Open("/f", FileSystem::OpenMode::kReadWriteOrCreate).value();
    EXPECT_TRUE(file->WriteAt(0, bytes).ok());
    SpoolFrameReader reader(*file, {.segment = segment, .offset = begin},
                            bytes.size());
    std::vector<Part> parts;
    while (true) {
      const auto piece = reader.Next().value();
      if (!piece) return parts;
      const SpoolFrame frame = piece->frame.value_or(SpoolFrame{});
      parts.push_back({.offset = piece->offset,
                       .bytes = piece->bytes,
                       .number = frame.number,
                       .synced = frame.synced,
                       .payload = std::string(piece->payload)});
    }
  }

  std::vector<Part> parts_;  // Of the segment that was made last.
};

TEST_F(SpoolFrameTest, FramesAreReadInTheirOrder) {
  const std::string bytes =
      Segment({"one", "", std::string(600'000, 'x'), "four"});
  EXPECT_EQ(Read(bytes), parts_);
  EXPECT_EQ(Read(bytes, parts_[2].offset),
            std::vector<Part>(parts_.begin() + 2, parts_.end()));
  EXPECT_TRUE(Read("").empty());
}

TEST_F(SpoolFrameTest, DamagedPayloadCostsItsFrameOnly) {
  std::string bytes = Segment({"one", "two", "three"});
  bytes[parts_[1].offset + kSpoolHeaderBytes] = 'T';
  EXPECT_EQ(
      Read(bytes),
      (std::vector<Part>{parts_[0], Damage(parts_[1].offset, parts_[1].bytes),
                         parts_[2]}));
}

TEST_F(SpoolFrameTest, DamagedHeaderCostsItsFrameOnly) {
  const std::string bytes = Segment({"one", "two", "three"});
  for (std::size_t i = 0; i < kSpoolHeaderBytes; ++i) {
    std::string damaged = bytes;
    char& byte = damaged[parts_[1].offset + i];
    byte = static_cast<char>(byte ^ 1);
    EXPECT_EQ(
        Read(damaged),
        (std::vector<Part>{parts_[0], Damage(parts_[1].offset, parts_[1].bytes),
                           parts_[2]}))
        << "byte " << i;
  }
}

TEST_F(SpoolFrameTest, DamageIsOnePieceUpToTheNextIntactFrame) {
  std::string bytes = Segment({"one", "two", "three", "four"});
  bytes[parts_[0].offset] = 't';
  bytes[parts_[1].offset + kSpoolHeaderBytes] = 'T';
  bytes[parts_[2].offset] = 't';
  EXPECT_EQ(Read(bytes),
            (std::vector<Part>{Damage(0, parts_[3].offset), parts_[3]}));
}

TEST_F(SpoolFrameTest, RubbishIsSkippedWhateverItsSize) {
  const std::string frame = Segment({"one"});
  for (const std::size_t size : {1u, 36u, 262'140u, 262'144u, 700'000u}) {
    std::string bytes(size, '\0');
    AppendSpoolFrame({.segment = kSegment, .offset = size},
                     {.number = kSegment, .synced = 4}, "five", bytes);
    const std::vector<Part> parts = Read(bytes);
    ASSERT_EQ(parts.size(), 2u) << size;
    EXPECT_EQ(parts[0], Damage(0, size));
    EXPECT_EQ(parts[1].payload, "five");
  }
}

// Somebody may send a body that looks like a frame, even like the very one
// that comes next.
TEST_F(SpoolFrameTest, FramesInsideOfAPayloadAreNone) {
  const std::string inside = Segment({"one", "two", "three"});
  parts_.clear();
  std::string bytes = Segment({inside + inside, "real"});
  bytes[0] = 't';
  EXPECT_EQ(Read(bytes),
            (std::vector<Part>{Damage(0, parts_[0].bytes), parts_[1]}));
}

TEST_F(SpoolFrameTest, FrameOfAnotherPlaceIsNone) {
  const std::string bytes = Segment({"one", "two"});
  EXPECT_EQ(Read(bytes, 0, kSegment - 1),
            (std::vector<Part>{Damage(0, bytes.size())}));
  EXPECT_EQ(Read(bytes.substr(parts_[0].bytes)),
            (std::vector<Part>{Damage(0, parts_[1].bytes)}));
}

TEST_F(SpoolFrameTest, NumbersAscend) {
  std::string bytes;
  for (const std::uint64_t number : {5, 6, 6, 5, 8}) {
    AppendSpoolFrame({.segment = kSegment, .offset = bytes.size()},
                     {.number = number, .synced = 4}, "payload", bytes);
  }
  const std::vector<Part> parts = Read(bytes);
  ASSERT_EQ(parts.size(), 4u);
  EXPECT_EQ(parts[0].number, 5u);
  EXPECT_EQ(parts[1].number, 6u);
  EXPECT_EQ(parts[2].number, 0u);
  EXPECT_EQ(parts[3].number, 8u);
}

TEST_F(SpoolFrameTest, NumberIsNotHigherThanTheFramesBeforeCanBe) {
  for (const std::uint64_t room : {0u, 35u, 36u, 71u, 72u}) {
    for (const std::uint64_t number : {5, 6, 7}) {
      std::string bytes(room, '\0');
      AppendSpoolFrame({.segment = kSegment, .offset = room},
                       {.number = number, .synced = 4}, "", bytes);
      const bool fits = number - kSegment <= room / kSpoolHeaderBytes;
      EXPECT_EQ(Read(bytes).back().number, fits ? number : 0)
          << number << " at " << room;
    }
  }
}

TEST_F(SpoolFrameTest, FrameThatIsCutShortIsDamage) {
  const std::string bytes = Segment({"one", "two"});
  for (std::size_t size = parts_[1].offset + 1; size < bytes.size(); ++size) {
    EXPECT_EQ(Read(bytes.substr(0, size)),
              (std::vector<Part>{parts_[0], Damage(parts_[1].offset,
                                                   size - parts_[1].offset)}))
        << size;
  }
}

// A length that is too large is refused although its checksum is right.
TEST_F(SpoolFrameTest, PayloadHasALimit) {
  const std::string largest(kSpoolPayloadBytesMax, 'x');
  std::string bytes = Segment({largest, "behind"});
  EXPECT_EQ(Read(bytes), parts_);
  bytes = Segment({largest + 'x', "behind"});
  const std::vector<Part> parts = Read(bytes);
  ASSERT_EQ(parts.size(), 2u);
  EXPECT_EQ(parts[0].number, 0u);
  EXPECT_EQ(parts[1].payload, "behind");
}

TEST_F(SpoolFrameTest, FailedReadIsNoDamage) {
  MemoryDisk disk(1);
  const auto file =
      disk.Open("/f", FileSystem::OpenMode::kReadWriteOrCreate).value();
  const std::string bytes = Segment({"one"});
  ASSERT_TRUE(file->WriteAt(0, bytes).ok());
  disk.Inject({.operation = MemoryDisk::Operation::kRead});
  SpoolFrameReader reader(*file, {.segment = kSegment}, bytes.size());
  EXPECT_EQ(reader.Next().status().code(), absl::StatusCode::kDataLoss);
  EXPECT_TRUE(reader.Next().value()->frame);
}

}  // namespace
}  // namespace tuco::log

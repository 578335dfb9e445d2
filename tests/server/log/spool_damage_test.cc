// Damage to a spool is told, costs no record but those that it hit, and never
// yields a record that nobody appended.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/log/spool_record.h"
#include "tests/server/base/memory_disk.h"
#include "tests/server/log/spool_samples.h"

namespace tuco::log {
namespace {

using base::FileSystem;
using base::MemoryDisk;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

constexpr char kFirst[] = "/spool/000000000000001.spool";
constexpr char kSecond[] = "/spool/000000000000005.spool";
constexpr std::uint64_t kRecords = 7;

std::string Message(const absl::Status& status) {
  return absl::StrCat(status.message());
}

// Records 1 to 4 in one file and 5 to 7 in another, some of them appended
// together, and closed.
class SpoolDamageTest : public ::testing::Test {
 protected:
  SpoolDamageTest() {
    // Of one size.
    for (Record& record : all_) record.type_name = "message.sent";
    Open();
    for (const auto& [first, count] :
         {std::pair(0, 1), std::pair(1, 3), std::pair(4, 1), std::pair(5, 2)}) {
      EXPECT_TRUE(
          Append(*spool_, {all_.begin() + first, all_.begin() + first + count})
              .ok());
    }
    spool_.reset();
    first_ = disk_.Contents(kFirst);
    second_ = disk_.Contents(kSecond);
    mark_ = disk_.Contents("/spool/mark");
  }

  void Open() {
    spool_.reset();
    auto opened = Spool::Open({.directory = "/spool",
                               .files = disk_,
                               .segment_bytes = 4 * FrameBytes() + 50});
    ASSERT_TRUE(opened.ok()) << opened.status();
    spool_ = *std::move(opened);
  }
  // As after the constructor, whatever was done to it meanwhile.
  void Restore() {
    spool_.reset();
    const std::vector<std::string> names = disk_.List("/spool").value();
    for (const std::string& name : names) {
      disk_.Delete("/spool/" + name);
    }
    for (const auto& [path, bytes] :
         {std::pair(kFirst, first_), std::pair(kSecond, second_),
          std::pair("/spool/mark", mark_)}) {
      ASSERT_TRUE(
          disk_.Open(path, FileSystem::OpenMode::kReadWriteOrCreate).ok());
      disk_.SetContents(path, bytes);
    }
  }
  std::size_t FrameBytes() const {
    return kSpoolHeaderBytes + SpoolRecordBytes(all_[0]);
  }

  // Reads all, `records_max` at a time. What is found are records that were
  // appended, in their order, and each one that is missing is in a loss.
  SpoolBatch DrainAndCheck(std::size_t records_max) {
    SpoolBatch found = Drain(*spool_, records_max).value();
    std::uint64_t number = 0;
    for (const Record& record : found.records) {
      while (number < kRecords && all_[number] != record) ++number;
      EXPECT_LT(number++, kRecords) << "a record that nobody appended";
    }
    EXPECT_EQ(found.losses.empty(), found.records.size() == kRecords);
    EXPECT_EQ(found.through, kRecords);
    for (const absl::Status& loss : found.losses) {
      EXPECT_EQ(loss.code(), absl::StatusCode::kDataLoss);
    }
    EXPECT_EQ(spool_->records(), 0u);
    EXPECT_EQ(spool_->bytes(), 0u);
    return found;
  }

  MemoryDisk disk_{1};
  std::vector<Record> all_ = Samples(1, kRecords);
  std::unique_ptr<Spool> spool_;
  std::string first_;
  std::string second_;
  std::string mark_;
};

TEST_F(SpoolDamageTest, NoneIsNoLoss) {
  Open();
  EXPECT_EQ(DrainAndCheck(3).records, all_);
  EXPECT_THAT(disk_.List("/spool").value(), ElementsAre("lock", "mark"));
}

TEST_F(SpoolDamageTest, LossNamesFileOffsetBytesAndRecords) {
  disk_.FlipBit(kFirst, 8 * (FrameBytes() + 100));
  Open();
  const SpoolBatch found = ReadAll(*spool_).value();
  ASSERT_THAT(found.losses, SizeIs(1));
  EXPECT_EQ(Message(found.losses[0]),
            std::string(kFirst) + ": " + std::to_string(FrameBytes()) +
                " bytes at offset " + std::to_string(FrameBytes()) +
                " are damaged: records 2 to 2 of the spool are lost");
}

TEST_F(SpoolDamageTest, EveryFlippedBitCostsOneRecordAndIsTold) {
  for (const auto& [path, size] :
       {std::pair(kFirst, first_.size()), std::pair(kSecond, second_.size())}) {
    for (std::uint64_t bit = 0; bit < 8 * size; ++bit) {
      Restore();
      disk_.FlipBit(path, bit);
      const std::string damaged = disk_.Contents(path);
      Open();
      const SpoolBatch found = DrainAndCheck(1 + bit % 9);
      ASSERT_THAT(found.records, SizeIs(kRecords - 1)) << path << " " << bit;
      ASSERT_THAT(found.losses, SizeIs(1)) << path << " " << bit;
      ASSERT_THAT(Message(found.losses[0]), HasSubstr(path));
      // It is kept for whoever wants to look at it.
      const std::string aside =
          std::string(path).substr(0, std::string(path).rfind('.')) +
          ".damaged";
      ASSERT_EQ(disk_.Contents(aside), damaged) << bit;
      ASSERT_THAT(disk_.List("/spool").value(), SizeIs(3)) << bit;
    }
  }
}

TEST_F(SpoolDamageTest, EveryFlippedBitOfAnOpenSpoolIsTold) {
  for (std::uint64_t bit = 0; bit < 8 * first_.size(); ++bit) {
    Restore();
    Open();
    disk_.FlipBit(kFirst, bit);
    ASSERT_THAT(DrainAndCheck(1 + bit % 9).records, SizeIs(kRecords - 1));
    ASSERT_THAT(disk_.List("/spool").value(), SizeIs(3)) << bit;
  }
}

TEST_F(SpoolDamageTest, EveryTruncationIsTold) {
  for (const auto& [path, bytes, behind] :
       {std::tuple(kFirst, first_, 3), std::tuple(kSecond, second_, 0)}) {
    for (std::size_t size = 0; size < bytes.size(); ++size) {
      Restore();
      disk_.SetContents(path, bytes.substr(0, size));
      Open();
      const SpoolBatch found = DrainAndCheck(1 + size % 9);
      const std::size_t before = path == kFirst ? 0 : 4;
      ASSERT_THAT(found.records, SizeIs(before + size / FrameBytes() +
                                        static_cast<std::size_t>(behind)))
          << path << " " << size;
      ASSERT_THAT(found.losses, SizeIs(1)) << path << " " << size;
    }
  }
}

// Damaged in the mark too, a torn end is like one that a crash left.
TEST_F(SpoolDamageTest, EveryTruncationWithoutAMarkYieldsWhatIsIntact) {
  for (std::size_t size = 0; size < second_.size(); ++size) {
    Restore();
    disk_.Delete("/spool/mark");
    disk_.SetContents(kSecond, second_.substr(0, size));
    Open();
    const SpoolBatch found = Drain(*spool_, 3).value();
    EXPECT_EQ(found.records,
              std::vector<Record>(all_.begin(), all_.begin() + 4 +
                                                    static_cast<std::ptrdiff_t>(
                                                        size / FrameBytes())));
    EXPECT_TRUE(found.losses.empty());
  }
}

TEST_F(SpoolDamageTest, EveryFlippedBitOfTheMarkCostsNoRecord) {
  for (std::uint64_t bit = 0; bit < 8 * mark_.size(); ++bit) {
    Restore();
    disk_.FlipBit("/spool/mark", bit);
    Open();
    EXPECT_EQ(DrainAndCheck(1 + bit % 9).records, all_) << bit;
  }
}

TEST_F(SpoolDamageTest, FileThatIsGoneIsTold) {
  for (const char* const path : {kFirst, kSecond}) {
    Restore();
    disk_.Delete(path);
    Open();
    EXPECT_EQ(spool_->records(), kRecords);
    const SpoolBatch found = DrainAndCheck(100);
    ASSERT_THAT(found.losses, SizeIs(1));
    EXPECT_EQ(Message(found.losses[0]),
              path == kFirst
                  ? "/spool: files are gone: records 1 to 4 of the spool are "
                    "lost"
                  : std::string(kFirst) + " is cut off at offset " +
                        std::to_string(first_.size()) +
                        ": records 5 to 7 of the spool are lost");
  }
}

TEST_F(SpoolDamageTest, AllFilesThatAreGoneAreToldOnce) {
  disk_.Delete(kFirst);
  disk_.Delete(kSecond);
  Open();
  EXPECT_THAT(DrainAndCheck(100).losses, SizeIs(1));
  Open();
  EXPECT_TRUE(ReadAll(*spool_).value().empty());
}

// Also where damage and the end of a batch meet.
TEST_F(SpoolDamageTest, LossIsTheSameUntilItIsDiscardedAndThenGone) {
  disk_.FlipBit(kFirst, 8 * (FrameBytes() + 100));
  Open();
  ASSERT_TRUE(spool_->ReadBatch(1, SIZE_MAX).ok());
  ASSERT_TRUE(spool_->Discard(1).ok());
  for (int restart = 0; restart < 2; ++restart) {
    const SpoolBatch batch = spool_->ReadBatch(1, SIZE_MAX).value();
    EXPECT_THAT(batch.losses, SizeIs(1));
    EXPECT_TRUE(batch.records.empty());
    EXPECT_EQ(batch.through, 2u);
    Open();
  }
  ASSERT_TRUE(ReadAll(*spool_).ok());
  ASSERT_TRUE(spool_->Discard(2).ok());
  for (int restart = 0; restart < 2; ++restart) {
    const SpoolBatch batch = ReadAll(*spool_).value();
    EXPECT_TRUE(batch.losses.empty());
    EXPECT_THAT(batch.records, SizeIs(5));
    Open();
  }
  ASSERT_TRUE(Drain(*spool_, 2).ok());
  EXPECT_THAT(disk_.List("/spool").value(),
              ElementsAre("000000000000001.damaged", "lock", "mark"));
}

TEST_F(SpoolDamageTest, DamagedEndOfAnAcknowledgedBatchIsNotCutOff) {
  disk_.FlipBit(kSecond, 8 * (2 * FrameBytes() + 100));
  const std::string damaged = disk_.Contents(kSecond);
  Open();
  EXPECT_EQ(disk_.Contents(kSecond), damaged);
  ASSERT_TRUE(Append(*spool_, Samples(kRecords + 1, 1)).ok());
  const SpoolBatch found = Drain(*spool_, 2).value();
  EXPECT_THAT(found.losses, SizeIs(1));
  EXPECT_THAT(found.records, SizeIs(kRecords));
  EXPECT_EQ(found.records.back(), SampleRecord(kRecords + 1));
}

// Where the mark says nothing of them, frames do that were written later.
TEST_F(SpoolDamageTest, DamageBeforeTheNewestBatchIsToldWithoutTheMark) {
  for (std::uint64_t n = 0; n < 5; ++n) {
    Restore();
    disk_.Delete("/spool/mark");
    disk_.FlipBit(n < 4 ? kFirst : kSecond, 8 * (n % 4 * FrameBytes() + 100));
    Open();
    EXPECT_THAT(DrainAndCheck(2).records, SizeIs(kRecords - 1)) << n;
  }
}

TEST_F(SpoolDamageTest, BodiesThatLookLikeASpoolAreNoRecords) {
  Restore();
  Open();
  ASSERT_TRUE(Drain(*spool_, 100).ok());
  Record record = SampleRecord(100);
  record.body = first_ + second_ + first_;
  ASSERT_TRUE(Append(*spool_, {record}).ok());
  ASSERT_TRUE(Append(*spool_, {SampleRecord(101)}).ok());
  const std::string path = "/spool/000000000000008.spool";
  const std::string bytes = disk_.Contents(path);
  for (std::uint64_t byte = 0; byte < 1'000; ++byte) {
    disk_.SetContents(path, bytes);
    disk_.FlipBit(path, 8 * byte);
    const SpoolBatch found = ReadAll(*spool_).value();
    if (byte < kSpoolHeaderBytes + SpoolRecordBytes(record)) {
      EXPECT_THAT(found.losses, SizeIs(1)) << byte;
      EXPECT_THAT(found.records, ElementsAre(SampleRecord(101))) << byte;
    }
  }
}

TEST_F(SpoolDamageTest, NewerVersionIsRefused) {
  const std::string payload(1, static_cast<char>(kSpoolRecordVersion + 1));
  std::string bytes = second_;
  AppendSpoolFrame({.segment = 5, .offset = bytes.size()},
                   {.number = 8, .synced = 7}, payload, bytes);
  disk_.SetContents(kSecond, bytes);
  EXPECT_EQ(
      Spool::Open({.directory = "/spool", .files = disk_}).status().code(),
      absl::StatusCode::kUnimplemented);
  EXPECT_EQ(disk_.Contents(kSecond), bytes);
}

// Intact as a frame, and yet no record.
TEST_F(SpoolDamageTest, PayloadThatIsNoRecordIsALoss) {
  std::string bytes = second_;
  AppendSpoolFrame({.segment = 5, .offset = bytes.size()},
                   {.number = 8, .synced = 7}, "\1 nonsense", bytes);
  disk_.SetContents(kSecond, bytes);
  Open();
  const SpoolBatch found = Drain(*spool_, 100).value();
  EXPECT_EQ(found.records, all_);
  ASSERT_THAT(found.losses, SizeIs(1));
  EXPECT_THAT(Message(found.losses[0]), HasSubstr("records 8 to 8"));
}

// Whatever a file has behind its end, records of the next one are there.
TEST_F(SpoolDamageTest, FrameThatBelongsInTheNextFileIsNone) {
  std::string bytes = first_;
  std::string payload;
  AppendSpoolRecord(SampleRecord(100), payload);
  AppendSpoolFrame({.segment = 1, .offset = bytes.size()},
                   {.number = 5, .synced = 4}, payload, bytes);
  disk_.SetContents(kFirst, bytes);
  Open();
  EXPECT_FALSE(spool_->Contains(SampleKey(100)));
  EXPECT_EQ(DrainAndCheck(100).records, all_);
  EXPECT_THAT(disk_.List("/spool").value(),
              ElementsAre("000000000000001.damaged", "lock", "mark"));
}

TEST_F(SpoolDamageTest, FileThatCannotBeKeptAsideIsKeptAsideLater) {
  disk_.FlipBit(kFirst, 800);
  Open();
  ASSERT_TRUE(ReadAll(*spool_).ok());
  disk_.Inject({.operation = MemoryDisk::Operation::kRename});
  EXPECT_EQ(spool_->Discard(kRecords).code(), absl::StatusCode::kDataLoss);
  Open();
  EXPECT_TRUE(ReadAll(*spool_).value().empty());
  EXPECT_THAT(disk_.List("/spool").value(),
              ElementsAre("000000000000001.damaged", "lock", "mark"));
}

TEST_F(SpoolDamageTest, NameOfAFileThatIsKeptAsideIsNotTakenAgain) {
  disk_.FlipBit(kSecond, 800);
  Open();
  DrainAndCheck(100);
  disk_.Delete("/spool/mark");
  Open();
  EXPECT_EQ(spool_->records(), 0u);
  ASSERT_TRUE(Append(*spool_, Samples(1, 1)).ok());
  EXPECT_EQ(disk_.KindOf("/spool/000000000000006.spool").value(),
            FileSystem::PathKind::kFile);
}

}  // namespace
}  // namespace tuco::log

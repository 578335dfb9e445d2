// What a spool makes of a disk that is full, read-only or fails.

#include <cerrno>
#include <memory>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/log/spool.h"
#include "tests/server/base/memory_disk.h"
#include "tests/server/log/spool_samples.h"

namespace tuco::log {
namespace {

using base::FileSystem;
using base::MemoryDisk;
using Operation = MemoryDisk::Operation;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

// One disk, and a spool on it.
class SpoolOnDiskTest : public ::testing::Test {
 protected:
  void SetUp() override { Open(); }
  void Open() {
    spool_.reset();
    spool_ =
        Spool::Open(
            {.directory = "/spool", .files = disk_, .segment_bytes = 4'000})
            .value();
  }
  // Of the files themselves.
  std::uint64_t SegmentBytes() {
    std::uint64_t bytes = 0;
    const std::vector<std::string> names = disk_.List("/spool").value();
    for (const std::string& name : names) {
      if (name.ends_with(".spool")) {
        bytes += disk_.Contents("/spool/" + name).size();
      }
    }
    return bytes;
  }
  void ExpectWorks(std::uint64_t records) {
    EXPECT_TRUE(spool_->Probe().ok());
    EXPECT_TRUE(Append(*spool_, Samples(records + 1, 1)).ok());
    EXPECT_EQ(ReadAll(*spool_).value().records, Samples(1, records + 1));
    Open();
    EXPECT_EQ(ReadAll(*spool_).value().records, Samples(1, records + 1));
  }

  MemoryDisk disk_{1};
  std::unique_ptr<Spool> spool_;
};

TEST_F(SpoolOnDiskTest, FullDiskTakesNothingOfABatchUntilThereIsSpace) {
  ASSERT_TRUE(Append(*spool_, Samples(1, 2)).ok());
  const std::uint64_t used = disk_.used_bytes();
  disk_.SetCapacity(used + 300);
  for (int attempt = 0; attempt < 3; ++attempt) {
    EXPECT_EQ(Append(*spool_, Samples(3, 2)).code(),
              absl::StatusCode::kResourceExhausted);
    EXPECT_EQ(disk_.used_bytes(), used);
    EXPECT_EQ(spool_->records(), 2u);
    EXPECT_FALSE(spool_->Contains(SampleKey(3)));
    EXPECT_EQ(ReadAll(*spool_).value().records, Samples(1, 2));
  }
  disk_.SetCapacity(1 << 20);
  ExpectWorks(2);
}

TEST_F(SpoolOnDiskTest, PartOfABatchThatCannotBeCutOffIsCutOffLater) {
  ASSERT_TRUE(Append(*spool_, Samples(1, 2)).ok());
  const auto fail_to_append = [this](std::uint64_t count) {
    disk_.SetCapacity(disk_.used_bytes() + 900);
    disk_.Inject({.operation = Operation::kTruncate});
    EXPECT_EQ(Append(*spool_, Samples(100, count)).code(),
              absl::StatusCode::kResourceExhausted);
    EXPECT_GT(SegmentBytes(), spool_->bytes());
    disk_.SetCapacity(1 << 20);
  };
  fail_to_append(4);
  ASSERT_TRUE(Append(*spool_, Samples(3, 3)).ok());
  EXPECT_EQ(SegmentBytes(), spool_->bytes());
  // Also where the next batch goes to another file.
  fail_to_append(6);
  ASSERT_TRUE(Append(*spool_, Samples(6, 14)).ok());
  EXPECT_THAT(disk_.List("/spool").value(), SizeIs(4));
  EXPECT_EQ(SegmentBytes(), spool_->bytes());
  disk_.CrashAfter(0, MemoryDisk::Crash::kPowerLoss);
  spool_.reset();
  disk_.Restart();
  Open();
  EXPECT_EQ(ReadAll(*spool_).value().records, Samples(1, 19));
  EXPECT_EQ(SegmentBytes(), spool_->bytes());
}

TEST_F(SpoolOnDiskTest, ReadOnlyDiskIsNoLossAndWorksAgainWhenItIsWritable) {
  ASSERT_TRUE(Append(*spool_, Samples(1, 2)).ok());
  disk_.SetReadOnly(true);
  EXPECT_EQ(Append(*spool_, Samples(3, 1)).code(),
            absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(ReadAll(*spool_).value().records, Samples(1, 2));
  EXPECT_EQ(spool_->Discard(1).code(), absl::StatusCode::kPermissionDenied);
  disk_.SetReadOnly(false);
  EXPECT_TRUE(Append(*spool_, Samples(3, 1)).ok());
  EXPECT_EQ(ReadAll(*spool_).value().records, Samples(2, 2));
  EXPECT_TRUE(spool_->Discard(1).ok());
}

TEST_F(SpoolOnDiskTest, NothingIsAppendedAfterAFailedSyncUntilItIsOpened) {
  ASSERT_TRUE(Append(*spool_, Samples(1, 2)).ok());
  for (const int error_number : {EIO, ENOSPC}) {
    disk_.Inject({.operation = Operation::kSync, .error_number = error_number});
    for (int attempt = 0; attempt < 3; ++attempt) {
      const absl::Status status = Append(*spool_, Samples(3, 1));
      EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
      EXPECT_THAT(std::string(status.message()), HasSubstr(".spool"));
      EXPECT_EQ(spool_->Probe().code(), absl::StatusCode::kDataLoss);
      EXPECT_FALSE(spool_->Contains(SampleKey(3)));
    }
    // What was acknowledged can be merged.
    EXPECT_EQ(ReadAll(*spool_).value().records, Samples(1, 2));
    EXPECT_TRUE(spool_->Discard(0).ok());
    Open();
    ASSERT_TRUE(ReadAll(*spool_).ok());
    // The refused one may be there now.
    if (spool_->Contains(SampleKey(3))) {
      EXPECT_EQ(ReadAll(*spool_).value().records, Samples(1, 3));
      return;
    }
  }
}

// Its pages may be in memory only, and a sync that succeeds later does not
// write them.
TEST(SpoolFailedSyncTest, WhatIsFoundAfterwardsIsOnStableStorage) {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    MemoryDisk disk(seed);
    const SpoolOptions options{.directory = "/spool", .files = disk};
    auto spool = Spool::Open(options).value();
    ASSERT_TRUE(Append(*spool, Samples(1, 2)).ok());
    disk.Inject({.operation = Operation::kSync});
    ASSERT_FALSE(Append(*spool, Samples(3, 2)).ok());
    spool.reset();
    spool = Spool::Open(options).value();
    ASSERT_EQ(ReadAll(*spool).value().records, Samples(1, 4));
    disk.CrashAfter(0, MemoryDisk::Crash::kPowerLoss);
    spool.reset();
    disk.Restart();
    spool = Spool::Open(options).value();
    EXPECT_EQ(ReadAll(*spool).value().records, Samples(1, 4)) << seed;
  }
}

// The newest mark of a process that was killed is in memory only, and the next
// one must not be written over the other, which is all that the disk has. A
// mark older than that one knows nothing of files that were removed.
TEST(SpoolMarkTest, OnlyMarkOnStableStorageIsNotWrittenOver) {
  for (std::uint64_t seed = 1; seed <= 2'000; ++seed) {
    MemoryDisk disk(seed);
    const SpoolOptions options{
        .directory = "/spool", .files = disk, .segment_bytes = 1};
    auto spool = Spool::Open(options).value();
    for (std::uint64_t n = 1; n <= 4; ++n) {
      ASSERT_TRUE(Append(*spool, Samples(n, 1)).ok());
    }
    ASSERT_TRUE(ReadAll(*spool).ok());
    for (std::uint64_t n = 1; n <= 3; ++n) {
      ASSERT_TRUE(spool->Discard(n).ok());
    }
    ASSERT_TRUE(Append(*spool, Samples(5, 1)).ok());
    for (const auto crash :
         {MemoryDisk::Crash::kProcessDeath, MemoryDisk::Crash::kPowerLoss}) {
      disk.CrashAfter(0, crash);
      spool.reset();
      disk.Restart();
      spool = Spool::Open(options).value();
    }
    const SpoolBatch batch = ReadAll(*spool).value();
    EXPECT_TRUE(batch.losses.empty()) << batch.losses[0];
    EXPECT_EQ(batch.records, Samples(4, 2)) << seed;
  }
}

TEST_F(SpoolOnDiskTest, NameThatCannotBeSyncedIsMadeAnew) {
  disk_.Inject({.operation = Operation::kSyncDirectory});
  EXPECT_EQ(Append(*spool_, Samples(1, 1)).code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(spool_->bytes(), 0u);
  ExpectWorks(0);
}

TEST_F(SpoolOnDiskTest, NameThatCanNeitherBeSyncedNorRemovedStopsIt) {
  disk_.Inject({.operation = Operation::kSyncDirectory});
  disk_.Inject({.operation = Operation::kRemove});
  EXPECT_FALSE(Append(*spool_, Samples(1, 1)).ok());
  EXPECT_EQ(Append(*spool_, Samples(1, 1)).code(), absl::StatusCode::kDataLoss);
  Open();
  ExpectWorks(0);
}

TEST_F(SpoolOnDiskTest, WhatCannotBeRemovedIsRemovedLater) {
  ASSERT_TRUE(Append(*spool_, Samples(1, 5)).ok());
  ASSERT_TRUE(ReadAll(*spool_).ok());
  disk_.Inject({.operation = Operation::kRemove, .count = 2});
  EXPECT_EQ(spool_->Discard(5).code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(spool_->records(), 0u);
  EXPECT_GT(spool_->bytes(), 0u);
  EXPECT_TRUE(ReadAll(*spool_).value().empty());
  // Not to the file that was to be removed.
  ASSERT_TRUE(Append(*spool_, Samples(6, 1)).ok());
  EXPECT_EQ(disk_.KindOf("/spool/000000000000006.spool").value(),
            FileSystem::PathKind::kFile);
  EXPECT_FALSE(spool_->Discard(5).ok());
  Open();
  EXPECT_EQ(ReadAll(*spool_).value().records, Samples(6, 1));
  EXPECT_THAT(disk_.List("/spool").value(),
              ElementsAre("000000000000006.spool", "lock", "mark"));
}

TEST_F(SpoolOnDiskTest, FailedReadCostsNothing) {
  ASSERT_TRUE(Append(*spool_, Samples(1, 5)).ok());
  for (const Operation operation : {Operation::kOpen, Operation::kRead}) {
    disk_.Inject({.operation = operation});
    EXPECT_EQ(ReadAll(*spool_).status().code(), absl::StatusCode::kDataLoss);
    EXPECT_EQ(spool_->Discard(1).code(), absl::StatusCode::kInvalidArgument);
    EXPECT_EQ(spool_->ReadBatch(0, 0).value().records, Samples(1, 1));
    EXPECT_TRUE(spool_->Discard(0).ok());
    Open();
  }
  EXPECT_EQ(ReadAll(*spool_).value().records, Samples(1, 5));
}

TEST_F(SpoolOnDiskTest, MarkThatCannotBeWrittenCostsNothing) {
  disk_.Inject({.operation = Operation::kWrite,
                .count = MemoryDisk::kForever,
                .ending = "mark"});
  ASSERT_TRUE(Append(*spool_, Samples(1, 5)).ok());
  ASSERT_TRUE(Append(*spool_, Samples(6, 5)).ok());
  EXPECT_EQ(ReadAll(*spool_).value().records, Samples(1, 10));
  // Files are not removed whose records would look lost then.
  EXPECT_EQ(spool_->Discard(5).code(), absl::StatusCode::kDataLoss);
  EXPECT_FALSE(disk_.List("/spool").value().empty());
  disk_.ClearFaults();
  // What was discarded is so once the mark can be written, and no more.
  Open();
  EXPECT_EQ(ReadAll(*spool_).value().records, Samples(6, 5));
}

}  // namespace
}  // namespace tuco::log

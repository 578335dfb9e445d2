// What becomes of the log when its disk fails.

#include <array>
#include <cerrno>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/log/event_log.h"
#include "tests/server/base/fake_clock.h"
#include "tests/server/base/memory_disk.h"
#include "tests/server/log/sample_records.h"
#include "tests/server/log/sqlite_file_editor.h"
#include "tests/server/log/sqlite_vfs.h"
#include "tests/server/log/subscription_samples.h"

namespace tuco::log {
namespace {

using base::MemoryDisk;
using ::testing::AnyOf;
using ::testing::ElementsAre;
using ::testing::ElementsAreArray;
using ::testing::FieldsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using Operation = MemoryDisk::Operation;

constexpr char kMain[] = "events.db";
constexpr char kWal[] = "events.db-wal";

class SqliteLogFaultsTest : public ::testing::Test {
 protected:
  SqliteLogFaultsTest() { Open(); }

  absl::StatusOr<std::unique_ptr<EventLog>> TryOpen() {
    return OpenSqliteLog({.directory = "/log",
                          .clock = clock_,
                          .files = disk_,
                          .sqlite_vfs = vfs_.name()});
  }
  void Open() {
    log_.reset();
    log_ = TryOpen().value();
  }
  // Lets every call fail from now on, once `skip` of them went well.
  void Break(Operation operation, const char* file, int error_number = EIO,
             std::uint64_t skip = 0) {
    disk_.Inject({.operation = operation,
                  .skip = skip,
                  .count = MemoryDisk::kForever,
                  .error_number = error_number,
                  .ending = file});
  }
  void Repair() { disk_.ClearFaults(); }
  std::uint64_t Syncs() const { return disk_.Count(Operation::kSync); }
  absl::Status AppendOne() {
    return AppendSamples(*log_, log_->bounds().head + 1, 1).status();
  }
  // Enough for a checkpoint to be due.
  absl::Status AppendMuch() {
    std::vector<Record> records(40, SampleRecord(1));
    for (Record& record : records) record.body.assign(256 << 10, 'x');
    return Append(*log_, records);
  }

  MemoryDisk disk_{1};
  SqliteVfs vfs_{disk_};
  base::FakeClock clock_;
  std::unique_ptr<EventLog> log_;
};

TEST_F(SqliteLogFaultsTest, EveryAppendIsSynced) {
  for (int i = 0; i < 5; ++i) {
    const std::uint64_t before = Syncs();
    ASSERT_TRUE(AppendOne().ok());
    EXPECT_GT(Syncs(), before);
  }
}

TEST_F(SqliteLogFaultsTest, FullDiskAppendsNothingAndTheNextCallMaySucceed) {
  ASSERT_TRUE(AppendOne().ok());
  for (std::uint64_t writes = 0; writes < 8; ++writes) {
    const std::uint64_t head = log_->bounds().head;
    Break(Operation::kWrite, kWal, ENOSPC, writes);
    std::vector<Record> records(20, SampleRecord(head + 1));
    for (Record& record : records) record.body.assign(10'000, 'x');
    EXPECT_EQ(Append(*log_, records).code(),
              absl::StatusCode::kResourceExhausted);
    EXPECT_EQ(log_->bounds().head, head);
    EXPECT_THAT(ReadAll(*log_).records, SizeIs(head));
    Repair();
    EXPECT_TRUE(log_->Probe().ok());
    EXPECT_TRUE(AppendOne().ok());
    EXPECT_THAT(ReadAll(*log_).records, SizeIs(head + 1));
  }
}

TEST_F(SqliteLogFaultsTest, TransactionTooLargeForMemoryIsRolledBackAsWell) {
  // What does not fit SQLite's cache is written before the commit.
  Break(Operation::kWrite, kWal, ENOSPC, 400);
  EXPECT_EQ(AppendMuch().code(), absl::StatusCode::kResourceExhausted);
  Repair();
  EXPECT_TRUE(AppendOne().ok());
  EXPECT_THAT(ReadAll(*log_).records, SizeIs(1));
}

TEST_F(SqliteLogFaultsTest, FailedWriteIsDataLossAndLeavesNothing) {
  Break(Operation::kWrite, kWal);
  EXPECT_EQ(AppendOne().code(), absl::StatusCode::kDataLoss);
  Repair();
  EXPECT_TRUE(AppendOne().ok());
  Open();
  EXPECT_THAT(ReadAll(*log_).records, SizeIs(1));
}

TEST_F(SqliteLogFaultsTest, NothingIsAppendedAfterAFailedSyncUntilReopened) {
  ASSERT_TRUE(AppendOne().ok());
  Break(Operation::kSync, kWal);
  EXPECT_EQ(AppendOne().code(), absl::StatusCode::kDataLoss);
  Repair();
  EXPECT_EQ(log_->Probe().code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(AppendOne().code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(log_->bounds().head, 1u);
  EXPECT_THAT(ReadAll(*log_).records, SizeIs(1));
}

TEST_F(SqliteLogFaultsTest, ReopenedAfterAFailedSyncTheLogIsWhole) {
  ASSERT_TRUE(AppendOne().ok());
  Break(Operation::kSync, kWal);
  EXPECT_FALSE(AppendOne().ok());
  Repair();
  Open();
  // The refused record may be there, and then it is durable and has its key.
  const std::uint64_t head = log_->bounds().head;
  EXPECT_THAT(head, ::testing::AnyOf(1u, 2u));
  EXPECT_THAT(ReadAll(*log_).records, SizeIs(head));
  std::size_t keys = 0;
  EXPECT_TRUE(
      log_->VisitDuplicateKeys([&](const Digest&, std::uint64_t) { ++keys; })
          .ok());
  EXPECT_EQ(keys, head);
  EXPECT_TRUE(AppendOne().ok());
  EXPECT_EQ(log_->bounds().head, head + 1);
}

TEST_F(SqliteLogFaultsTest, WhatIsFoundAtTheStartIsSyncedBeforeItIsShown) {
  ASSERT_TRUE(AppendOne().ok());
  Break(Operation::kSync, kWal);
  EXPECT_FALSE(AppendOne().ok());
  log_.reset();
  EXPECT_EQ(TryOpen().status().code(), absl::StatusCode::kDataLoss);
  Repair();
  const std::uint64_t before = Syncs();
  Open();
  EXPECT_GT(Syncs(), before);
}

TEST_F(SqliteLogFaultsTest, FailedCheckpointShowsInTheNextAppend) {
  for (const Operation operation : {Operation::kWrite, Operation::kSync}) {
    ASSERT_TRUE(AppendMuch().ok());
    Break(operation, kMain);
    log_->AfterAppend();
    EXPECT_EQ(log_->Probe().code(), absl::StatusCode::kDataLoss);
    EXPECT_EQ(AppendOne().code(), absl::StatusCode::kDataLoss);
    Repair();
    const std::uint64_t head = log_->bounds().head;
    Open();
    EXPECT_EQ(log_->bounds().head, head);
    EXPECT_EQ(ReadAll(*log_).scanned_through.value(), head);
  }
}

TEST_F(SqliteLogFaultsTest, CheckpointWithoutSpaceLosesNothing) {
  ASSERT_TRUE(AppendMuch().ok());
  Break(Operation::kWrite, kMain, ENOSPC);
  log_->AfterAppend();
  EXPECT_TRUE(log_->Probe().ok());
  EXPECT_TRUE(AppendOne().ok());
  Repair();
  ASSERT_TRUE(AppendMuch().ok());
  log_->AfterAppend();
  EXPECT_THAT(ReadAll(*log_).records, SizeIs(81));
}

TEST_F(SqliteLogFaultsTest, AnotherWriterMakesItUnavailable) {
  SqliteFileEditor editor("/log/events.db", vfs_.name());
  editor.Run("BEGIN IMMEDIATE");
  EXPECT_EQ(AppendOne().code(), absl::StatusCode::kUnavailable);
  editor.Run("ROLLBACK");
  EXPECT_TRUE(AppendOne().ok());
}

TEST_F(SqliteLogFaultsTest, RowOfSomebodyElseInTheWayUndoesTheWholeBatch) {
  SqliteFileEditor editor("/log/events.db", vfs_.name());
  editor.Run(
      "INSERT INTO duplicate_keys (sequence, key, crc) "
      "VALUES (3, zeroblob(32), 0)");
  EXPECT_EQ(AppendSamples(*log_, 1, 5).status().code(),
            absl::StatusCode::kDataLoss);
  EXPECT_THAT(ReadAll(*log_).records, SizeIs(0));
  editor.Run("DELETE FROM duplicate_keys");
  EXPECT_TRUE(AppendSamples(*log_, 1, 5).ok());
  EXPECT_THAT(ReadAll(*log_).records, SizeIs(5));
}

// With a record and all that a change may have.
TEST_F(SqliteLogFaultsTest, FailedCommitLeavesNothingOfASubscription) {
  const SubscriptionChange creation =
      SampleCreation(1, {SampleUnsettled(1)}, {SampleParked(2)});
  ASSERT_TRUE(log::Commit(*log_, {creation}).ok());
  SubscriptionChange change = ChangeOf(1);
  change.row = SampleSubscription(1);
  change.row->through = 99;
  for (std::uint64_t at = 2; at < 2'000; ++at) {
    change.unsettled.push_back(SampleUnsettled(at));
  }
  change.settled = {1};
  change.parked = {SampleParked(3)};
  change.parked[0].body.assign(100'000, 'x');
  change.unparked = {2};
  const SubscriptionChange other = SampleCreation(2);
  const std::array<const SubscriptionChange*, 2> changes = {&change, &other};
  Record record = SampleRecord(1);
  const std::array<Record*, 1> records = {&record};
  const auto commit = [&] {
    Batch batch{
        .records = records, .quarantined = {}, .updates = {}, .evicted = {}};
    batch.subscriptions = changes;
    return log_->Commit(batch);
  };
  const std::vector<StoredSubscription> before = SubscriptionsIn(*log_);
  struct Fault {
    int error_number;
    bool partly;
    absl::StatusCode code;
  };
  for (const Fault& fault :
       {Fault{ENOSPC, false, absl::StatusCode::kResourceExhausted},
        Fault{ENOSPC, true, absl::StatusCode::kResourceExhausted},
        Fault{EIO, false, absl::StatusCode::kDataLoss},
        Fault{EIO, true, absl::StatusCode::kDataLoss},
        Fault{EROFS, false, absl::StatusCode::kPermissionDenied}}) {
    for (std::uint64_t writes = 0; writes < 20; ++writes) {
      disk_.Inject({.operation = Operation::kWrite,
                    .skip = writes,
                    .count = MemoryDisk::kForever,
                    .error_number = fault.error_number,
                    .partly = fault.partly,
                    .ending = kWal});
      EXPECT_EQ(commit().code(), fault.code) << writes;
      Repair();
      EXPECT_TRUE(log_->Probe().ok());
      EXPECT_EQ(SubscriptionsIn(*log_), before);
      EXPECT_THAT(ParkedIn(*log_, 1), ElementsAre(SampleParked(2)));
      EXPECT_EQ(log_->bounds().head, 0u);
    }
  }
  Open();
  EXPECT_EQ(SubscriptionsIn(*log_), before);
  ASSERT_TRUE(commit().ok());
  Open();
  EXPECT_EQ(log_->bounds().head, 1u);
  EXPECT_THAT(ParkedIn(*log_, 1), ElementsAre(change.parked[0]));
  EXPECT_THAT(SubscriptionsIn(*log_),
              ElementsAre(FieldsAre(*change.row,
                                    ElementsAreArray(change.unsettled), 1u),
                          FieldsAre(SampleSubscription(2), IsEmpty(), 0u)));
}

TEST_F(SqliteLogFaultsTest, ChangeWhoseSyncFailedIsThereInFullOrNotAtAll) {
  ASSERT_TRUE(log::Commit(*log_, {SampleCreation(1)}).ok());
  Break(Operation::kSync, kWal);
  EXPECT_EQ(log::Commit(*log_, {SampleCreation(2, {SampleUnsettled(1)},
                                               {SampleParked(2)})})
                .code(),
            absl::StatusCode::kDataLoss);
  Repair();
  EXPECT_THAT(SubscriptionsIn(*log_), SizeIs(1));
  EXPECT_EQ(log::Commit(*log_, {SampleCreation(3)}).code(),
            absl::StatusCode::kDataLoss);
  Open();
  const std::vector<StoredSubscription> found = SubscriptionsIn(*log_);
  ASSERT_THAT(found, AnyOf(SizeIs(1), SizeIs(2)));
  if (found.size() == 2) {
    EXPECT_THAT(found[1], FieldsAre(SampleSubscription(2),
                                    ElementsAre(SampleUnsettled(1)), 1u));
    EXPECT_THAT(ParkedIn(*log_, 2), ElementsAre(SampleParked(2)));
  }
}

TEST_F(SqliteLogFaultsTest, OutsideReaderDelaysTheCheckpointButNotTheLog) {
  ASSERT_TRUE(AppendOne().ok());
  SqliteFileEditor reader("/log/events.db", vfs_.name());
  reader.Run("BEGIN; SELECT * FROM events;");
  ASSERT_TRUE(AppendMuch().ok());
  log_->AfterAppend();
  ASSERT_TRUE(AppendOne().ok());
  Open();
  EXPECT_EQ(log_->bounds().head, 42u);
  reader.Run("COMMIT");
  ASSERT_TRUE(AppendMuch().ok());
  log_->AfterAppend();
  EXPECT_THAT(ReadAll(*log_).records, SizeIs(82));
}

// The system takes what it could not sync for written, so to sync it again
// does nothing; and without space it cannot be copied into the main file.
TEST_F(SqliteLogFaultsTest, WhatAFailedSyncLeftIsWrittenAnewAtTheStart) {
  for (int round = 0; round < 40; ++round) {
    ASSERT_TRUE(AppendOne().ok());
    Break(Operation::kSync, kWal);
    EXPECT_FALSE(AppendOne().ok());
    Repair();
    Break(Operation::kWrite, kMain, ENOSPC);
    Open();
    ASSERT_TRUE(AppendOne().ok());
    Repair();
    const std::uint64_t head = log_->bounds().head;
    disk_.CrashAfter(0, MemoryDisk::Crash::kPowerLoss);
    log_.reset();
    disk_.Restart();
    Open();
    ASSERT_EQ(log_->bounds().head, head);
    ASSERT_EQ(ReadAll(*log_).scanned_through.value(), head);
  }
}

// All of it is in the main file then. But the part of the journal that is on
// the disk is older, and what is in the journal counts.
TEST_F(SqliteLogFaultsTest, WhatAFailedSyncLeftIsThereForGoodOnceItWasShown) {
  for (int round = 0; round < 40; ++round) {
    ASSERT_TRUE(AppendOne().ok());
    Break(Operation::kSync, kWal);
    EXPECT_FALSE(AppendOne().ok());
    Repair();
    Open();
    const std::uint64_t head = log_->bounds().head;
    disk_.CrashAfter(0, MemoryDisk::Crash::kPowerLoss);
    log_.reset();
    disk_.Restart();
    Open();
    ASSERT_EQ(log_->bounds().head, head);
    ASSERT_EQ(ReadAll(*log_).scanned_through.value(), head);
  }
}

TEST_F(SqliteLogFaultsTest, DiskThatIsReadOnlyTakesNothingUntilItIsNot) {
  ASSERT_TRUE(AppendOne().ok());
  disk_.SetReadOnly(true);
  EXPECT_EQ(AppendOne().code(), absl::StatusCode::kPermissionDenied);
  EXPECT_THAT(ReadAll(*log_).records, SizeIs(1));
  EXPECT_TRUE(log_->Probe().ok());
  log_.reset();
  EXPECT_EQ(TryOpen().status().code(), absl::StatusCode::kPermissionDenied);
  disk_.SetReadOnly(false);
  Open();
  EXPECT_TRUE(AppendOne().ok());
  EXPECT_THAT(ReadAll(*log_).records, SizeIs(2));
}

// Once, so that it can be opened for reading then.
TEST_F(SqliteLogFaultsTest, FileThatCannotBeOpenedForWritingIsNoLogToServe) {
  for (const char* const file : {kMain, kWal}) {
    log_.reset();
    for (std::uint64_t opening = 0; opening < 6; ++opening) {
      disk_.Inject(
          {.operation = Operation::kOpen, .skip = opening, .ending = file});
      auto log = TryOpen();
      disk_.ClearFaults();
      if (log.ok()) {
        EXPECT_TRUE(AppendSamples(**log, (*log)->bounds().head + 1, 1).ok());
      }
    }
    Open();
  }
}

TEST_F(SqliteLogFaultsTest, LogIsOpenedAndReadOnAFullDisk) {
  ASSERT_TRUE(AppendMuch().ok());
  disk_.CrashAfter(0, MemoryDisk::Crash::kProcessDeath);
  log_.reset();
  disk_.Restart();
  disk_.SetCapacity(disk_.used_bytes());
  Open();
  EXPECT_THAT(ReadAll(*log_).records, SizeIs(40));
  EXPECT_EQ(AppendMuch().code(), absl::StatusCode::kResourceExhausted);
  disk_.SetCapacity(disk_.used_bytes() + (64 << 20));
  EXPECT_TRUE(AppendMuch().ok());
}

// A file that cannot be looked at is not one that is not there.
TEST_F(SqliteLogFaultsTest, LogIsNotReplacedWhenItCannotBeLookedAt) {
  ASSERT_TRUE(AppendOne().ok());
  log_.reset();
  for (std::uint64_t look = 0; look < 6; ++look) {
    disk_.Inject({.operation = Operation::kLook, .skip = look});
    const auto log = TryOpen();
    disk_.ClearFaults();
  }
  Open();
  EXPECT_THAT(ReadAll(*log_).records, SizeIs(1));
}

}  // namespace
}  // namespace tuco::log

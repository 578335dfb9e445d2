// What becomes of the log when its disk fails.

#include <sqlite3.h>

#include <memory>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/log/event_log.h"
#include "tests/server/base/fake_clock.h"
#include "tests/server/base/temporary_directory.h"
#include "tests/server/log/faulty_disk.h"
#include "tests/server/log/log_in_folder.h"
#include "tests/server/log/sample_records.h"
#include "tests/server/log/sqlite_file_editor.h"

namespace tuco::log {
namespace {

using ::testing::SizeIs;

class SqliteLogFaultsTest : public ::testing::Test {
 protected:
  SqliteLogFaultsTest() { Open(); }

  void Open() {
    log_.reset();
    log_ = OpenLogIn(directory_.path(), clock_).value();
  }
  absl::Status AppendOne() {
    return AppendSamples(*log_, log_->bounds().head + 1, 1).status();
  }
  // Enough for a checkpoint to be due.
  absl::Status AppendMuch() {
    std::vector<Record> records(40, SampleRecord(1));
    for (Record& record : records) record.body.assign(256 << 10, 'x');
    return Append(*log_, records);
  }

  FaultyDisk disk_;
  base::TemporaryDirectory directory_;
  base::FakeClock clock_;
  std::unique_ptr<EventLog> log_;
};

TEST_F(SqliteLogFaultsTest, EveryAppendIsSynced) {
  for (int i = 0; i < 5; ++i) {
    const int before = disk_.wal.syncs;
    ASSERT_TRUE(AppendOne().ok());
    EXPECT_GT(disk_.wal.syncs, before);
  }
}

TEST_F(SqliteLogFaultsTest, FullDiskAppendsNothingAndTheNextCallMaySucceed) {
  ASSERT_TRUE(AppendOne().ok());
  for (int writes = 0; writes < 8; ++writes) {
    const std::uint64_t head = log_->bounds().head;
    disk_.wal.writes_before = writes;
    disk_.wal.write_result = SQLITE_FULL;
    std::vector<Record> records(20, SampleRecord(head + 1));
    for (Record& record : records) record.body.assign(10'000, 'x');
    EXPECT_EQ(Append(*log_, records).code(),
              absl::StatusCode::kResourceExhausted);
    EXPECT_EQ(log_->bounds().head, head);
    EXPECT_THAT(ReadAll(*log_).records, SizeIs(head));
    disk_.wal.write_result = 0;
    EXPECT_TRUE(log_->Probe().ok());
    EXPECT_TRUE(AppendOne().ok());
    EXPECT_THAT(ReadAll(*log_).records, SizeIs(head + 1));
  }
}

TEST_F(SqliteLogFaultsTest, TransactionTooLargeForMemoryIsRolledBackAsWell) {
  // What does not fit SQLite's cache is written before the commit.
  disk_.wal.writes_before = 400;
  disk_.wal.write_result = SQLITE_FULL;
  EXPECT_EQ(AppendMuch().code(), absl::StatusCode::kResourceExhausted);
  disk_.wal.write_result = 0;
  EXPECT_TRUE(AppendOne().ok());
  EXPECT_THAT(ReadAll(*log_).records, SizeIs(1));
}

TEST_F(SqliteLogFaultsTest, FailedWriteIsDataLossAndLeavesNothing) {
  disk_.wal.write_result = SQLITE_IOERR_WRITE;
  EXPECT_EQ(AppendOne().code(), absl::StatusCode::kDataLoss);
  disk_.wal.write_result = 0;
  EXPECT_TRUE(AppendOne().ok());
  Open();
  EXPECT_THAT(ReadAll(*log_).records, SizeIs(1));
}

TEST_F(SqliteLogFaultsTest, NothingIsAppendedAfterAFailedSyncUntilReopened) {
  ASSERT_TRUE(AppendOne().ok());
  disk_.wal.sync_result = SQLITE_IOERR_FSYNC;
  EXPECT_EQ(AppendOne().code(), absl::StatusCode::kDataLoss);
  disk_.wal.sync_result = 0;
  EXPECT_EQ(log_->Probe().code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(AppendOne().code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(log_->bounds().head, 1u);
  EXPECT_THAT(ReadAll(*log_).records, SizeIs(1));
}

TEST_F(SqliteLogFaultsTest, ReopenedAfterAFailedSyncTheLogIsWhole) {
  ASSERT_TRUE(AppendOne().ok());
  disk_.wal.sync_result = SQLITE_IOERR_FSYNC;
  EXPECT_FALSE(AppendOne().ok());
  disk_.wal.sync_result = 0;
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
  disk_.wal.sync_result = SQLITE_IOERR_FSYNC;
  EXPECT_FALSE(AppendOne().ok());
  log_.reset();
  EXPECT_EQ(OpenLogIn(directory_.path(), clock_).status().code(),
            absl::StatusCode::kDataLoss);
  disk_.wal.sync_result = 0;
  const int before = disk_.main.syncs + disk_.wal.syncs;
  Open();
  EXPECT_GT(disk_.main.syncs + disk_.wal.syncs, before);
}

TEST_F(SqliteLogFaultsTest, FailedCheckpointShowsInTheNextAppend) {
  for (const bool sync : {false, true}) {
    ASSERT_TRUE(AppendMuch().ok());
    (sync ? disk_.main.sync_result : disk_.main.write_result) =
        sync ? SQLITE_IOERR_FSYNC : SQLITE_IOERR_WRITE;
    log_->AfterAppend();
    EXPECT_EQ(log_->Probe().code(), absl::StatusCode::kDataLoss);
    EXPECT_EQ(AppendOne().code(), absl::StatusCode::kDataLoss);
    disk_.main.sync_result = disk_.main.write_result = 0;
    const std::uint64_t head = log_->bounds().head;
    Open();
    EXPECT_EQ(log_->bounds().head, head);
    EXPECT_EQ(ReadAll(*log_).scanned_through.value(), head);
  }
}

TEST_F(SqliteLogFaultsTest, CheckpointWithoutSpaceLosesNothing) {
  ASSERT_TRUE(AppendMuch().ok());
  disk_.main.write_result = SQLITE_FULL;
  log_->AfterAppend();
  EXPECT_TRUE(log_->Probe().ok());
  EXPECT_TRUE(AppendOne().ok());
  disk_.main.write_result = 0;
  ASSERT_TRUE(AppendMuch().ok());
  log_->AfterAppend();
  EXPECT_THAT(ReadAll(*log_).records, SizeIs(81));
}

TEST_F(SqliteLogFaultsTest, AnotherWriterMakesItUnavailable) {
  SqliteFileEditor editor(directory_ / "events.db");
  editor.Run("BEGIN IMMEDIATE");
  EXPECT_EQ(AppendOne().code(), absl::StatusCode::kUnavailable);
  editor.Run("ROLLBACK");
  EXPECT_TRUE(AppendOne().ok());
}

TEST_F(SqliteLogFaultsTest, RowOfSomebodyElseInTheWayUndoesTheWholeBatch) {
  SqliteFileEditor editor(directory_ / "events.db");
  editor.Run("INSERT INTO duplicate_keys VALUES (3, zeroblob(32), 0)");
  EXPECT_EQ(AppendSamples(*log_, 1, 5).status().code(),
            absl::StatusCode::kDataLoss);
  EXPECT_THAT(ReadAll(*log_).records, SizeIs(0));
  editor.Run("DELETE FROM duplicate_keys");
  EXPECT_TRUE(AppendSamples(*log_, 1, 5).ok());
  EXPECT_THAT(ReadAll(*log_).records, SizeIs(5));
}

TEST_F(SqliteLogFaultsTest, OutsideReaderDelaysTheCheckpointButNotTheLog) {
  ASSERT_TRUE(AppendOne().ok());
  SqliteFileEditor reader(directory_ / "events.db");
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

}  // namespace
}  // namespace tuco::log

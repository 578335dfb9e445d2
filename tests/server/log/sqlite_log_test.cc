#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/log/committer.h"
#include "server/log/event_log.h"
#include "server/log/sqlite_db.h"
#include "server/log/sqlite_rows.h"
#include "tests/server/base/fake_clock.h"
#include "tests/server/base/temporary_directory.h"
#include "tests/server/log/log_in_folder.h"
#include "tests/server/log/sample_records.h"
#include "tests/server/log/sqlite_file_editor.h"
#include "tests/server/log/subscription_samples.h"

namespace tuco::log {
namespace {

using std::chrono::seconds;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

unsigned ModeOf(const std::string& path) {
  struct stat about {};
  return ::stat(path.c_str(), &about) == 0 ? about.st_mode & 0777 : 0;
}

std::string ContentOf(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string MessageOf(const absl::Status& status) {
  return static_cast<std::string>(status.message());
}

class SqliteLogTest : public ::testing::Test {
 protected:
  absl::StatusOr<std::unique_ptr<EventLog>> TryOpen() {
    return OpenLogIn(directory_.path(), clock_);
  }
  void Open() {
    auto log = TryOpen();
    ASSERT_TRUE(log.ok()) << log.status();
    log_ = *std::move(log);
  }
  // The log with sample records 1 to `count`, closed.
  void MakeLogOf(std::size_t count) {
    Open();
    ASSERT_TRUE(AppendSamples(*log_, 1, count).ok());
    log_.reset();
  }
  std::string file() const { return directory_ / "events.db"; }

  base::TemporaryDirectory directory_;
  base::FakeClock clock_;
  std::unique_ptr<EventLog> log_;
};

TEST_F(SqliteLogTest, ReopenedLogHasEverythingAndGoesOn) {
  Open();
  const auto before = AppendSamples(*log_, 1, 5);
  log_.reset();
  clock_.Advance(std::chrono::hours(-1));
  Open();
  EXPECT_EQ(log_->bounds().head, 5u);
  const auto after = AppendSamples(*log_, 6, 1);
  ASSERT_TRUE(after.ok()) << after.status();
  EXPECT_EQ(after->at(0).sequence, 6u);
  EXPECT_EQ(after->at(0).recorded_at, before->at(4).recorded_at);
  const ReadResult read = ReadAll(*log_);
  ASSERT_THAT(read.records, SizeIs(6));
  for (std::size_t i = 0; i < 5; ++i) {
    EXPECT_EQ(read.records[i], AsRead((*before)[i])) << i;
  }
}

TEST_F(SqliteLogTest, DuplicateKeysSurviveARestart) {
  MakeLogOf(3);
  Open();
  const auto committer = Committer::Start(*log_, {}, nullptr);
  bool answered = false;
  committer->Submit(std::make_shared<Record>(SampleRecord(2)),
                    [&](absl::StatusOr<Appended> answer) {
                      answered = true;
                      EXPECT_TRUE(answer->duplicate);
                      EXPECT_EQ(answer->sequence, 2u);
                    });
  committer->Stop();
  EXPECT_TRUE(answered);
}

TEST_F(SqliteLogTest, FilesAreForTheirOwnerOnly) {
  const std::string folder = directory_ / "new";
  log_ = OpenLogIn(folder, clock_).value();
  ASSERT_TRUE(AppendSamples(*log_, 1, 1).ok());
  EXPECT_EQ(ModeOf(folder), 0700u);
  for (const char* name :
       {"events.db", "events.db-wal", "events.db-shm", "lock"}) {
    EXPECT_EQ(ModeOf(folder + "/" + name), 0600u) << name;
  }
}

TEST_F(SqliteLogTest, SecondServerIsRefusedAndToldOfTheFirst) {
  Open();
  const auto second = TryOpen();
  EXPECT_EQ(second.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(MessageOf(second.status()),
              AllOf(HasSubstr(directory_.path()),
                    HasSubstr("process " + std::to_string(::getpid()))));
  EXPECT_TRUE(AppendSamples(*log_, 1, 1).ok());
}

TEST_F(SqliteLogTest, PathBelowAFileIsRefusedByName) {
  std::ofstream(directory_ / "file") << "text";
  const auto log = OpenLogIn(directory_ / "file/log", clock_);
  EXPECT_EQ(log.status().code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(MessageOf(log.status()), HasSubstr(directory_ / "file/log"));
}

TEST_F(SqliteLogTest, WhatIsNoDatabaseIsRefusedAndLeftAlone) {
  for (const std::string& content :
       {std::string(), std::string("my notes"), std::string(10'000, 'x')}) {
    std::ofstream(file()) << content;
    const auto log = TryOpen();
    EXPECT_EQ(log.status().code(), absl::StatusCode::kDataLoss);
    EXPECT_THAT(MessageOf(log.status()), HasSubstr("is not an event log"));
    EXPECT_EQ(ContentOf(file()), content);
  }
}

TEST_F(SqliteLogTest, SomebodyElsesDatabaseIsRefusedAndLeftAlone) {
  {
    SqliteFileEditor editor(file());
    editor.Run("PRAGMA journal_mode = WAL");
    editor.KeepWal();
    editor.Run("CREATE TABLE t (a); INSERT INTO t VALUES (1);");
  }
  const std::string main = ContentOf(file());
  const std::string wal = ContentOf(file() + "-wal");
  EXPECT_EQ(TryOpen().status().code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(ContentOf(file()), main);
  EXPECT_EQ(ContentOf(file() + "-wal"), wal);
}

TEST_F(SqliteLogTest, LogOfANewerVersionIsRefused) {
  for (const bool in_wal_only : {false, true}) {
    std::filesystem::remove(file());
    std::filesystem::remove(file() + "-wal");
    MakeLogOf(1);
    {
      SqliteFileEditor editor(file());
      if (in_wal_only) editor.KeepWal();
      editor.Run("PRAGMA user_version = 5");
    }
    const auto log = TryOpen();
    EXPECT_EQ(log.status().code(), absl::StatusCode::kUnimplemented);
    EXPECT_THAT(MessageOf(log.status()), HasSubstr("version 5"));
  }
}

// What version 1 had, which is this one without some columns and tables.
TEST_F(SqliteLogTest, LogOfVersion1IsBroughtUpToDate) {
  Open();
  ASSERT_TRUE(AppendSamples(*log_, 1, 3).ok());
  const std::vector<Record> before = ReadAll(*log_).records;
  log_.reset();
  SqliteFileEditor(file()).MakeVersion1();
  Open();
  EXPECT_EQ(ReadAll(*log_).records, before);
  std::vector<Record> fresh = {SampleRecord(4)};
  fresh[0].suspected_duplicate_of = 2;
  ASSERT_TRUE(Append(*log_, fresh).ok());
  EXPECT_EQ(ReadAll(*log_).records.at(3).suspected_duplicate_of, 2u);
  log_.reset();
  EXPECT_EQ(SqliteFileEditor(file()).Value("PRAGMA user_version"), "4");
}

TEST_F(SqliteLogTest, LogOfVersion3IsBroughtUpToDate) {
  Open();
  ASSERT_TRUE(AppendSamples(*log_, 1, 3).ok());
  const std::vector<Record> before = ReadAll(*log_).records;
  ASSERT_TRUE(Commit(*log_, {SampleCreation(1, {SampleUnsettled(1)})}).ok());
  log_.reset();
  SqliteFileEditor(file()).MakeVersion3();
  Open();
  EXPECT_EQ(ReadAll(*log_).records, before);
  EXPECT_THAT(SubscriptionsIn(*log_), SizeIs(0));
  ASSERT_TRUE(Commit(*log_, {SampleCreation(1, {SampleUnsettled(2)})}).ok());
  log_.reset();
  EXPECT_EQ(SqliteFileEditor(file()).Value("PRAGMA user_version"), "4");
  Open();
  EXPECT_THAT(SubscriptionsIn(*log_), SizeIs(1));
}

TEST_F(SqliteLogTest, JournalWithoutItsDatabaseIsRefused) {
  MakeLogOf(1);
  std::filesystem::remove(file());
  ASSERT_TRUE(std::filesystem::exists(file() + "-wal"));
  const auto log = TryOpen();
  EXPECT_EQ(log.status().code(), absl::StatusCode::kDataLoss);
  EXPECT_FALSE(std::filesystem::exists(file()));
}

TEST_F(SqliteLogTest, LogThatWasHalfMadeIsMadeAnew) {
  for (const char* suffix : {".new", ".new-wal", ".new-journal"}) {
    std::ofstream(file() + suffix) << "half";
  }
  Open();
  EXPECT_TRUE(AppendSamples(*log_, 1, 1).ok());
  EXPECT_FALSE(std::filesystem::exists(file() + ".new"));
}

TEST_F(SqliteLogTest, EveryColumnOfAnEventIsUnderItsChecksum) {
  const std::vector<std::string> edits = {
      "epoch = 3",          "event_id = x'00'",
      "endpoint = 'x'",     "type_name = 'x'",
      "workspace_id = 'x'", "line_id = NULL",
      "campaign_id = ''",   "message_id = 'x'",
      "lead_id = 'x'",      "phone = NULL",
      "occurred_at_us = 0", "occurred_at_us = NULL",
      "received_at_us = 0", "recorded_at_us = 0",
      "flags = 1",          "event = x'00'",
      "body = x'00'",       "signature = x'00'",
      "crc = crc + 1",      "flags = flags + 4294967296"};
  MakeLogOf(3);
  const std::string good = ContentOf(file());
  for (const std::string& edit : edits) {
    std::ofstream(file(), std::ios::binary) << good;
    SqliteFileEditor(file()).Run("UPDATE events SET " + edit +
                                 " WHERE sequence = 2");
    Open();
    const ReadResult read = ReadAll(*log_);
    EXPECT_EQ(read.scanned_through.status().code(), absl::StatusCode::kDataLoss)
        << edit;
    EXPECT_THAT(MessageOf(read.scanned_through.status()),
                HasSubstr("record 2 "));
    EXPECT_THAT(read.sequences(), ElementsAre(1)) << edit;
    log_.reset();
  }
}

TEST_F(SqliteLogTest, FlippedByteOfTheFileIsNoticed) {
  MakeLogOf(3);
  std::string content = ContentOf(file());
  content.at(content.find("event 2")) ^= 1;
  std::ofstream(file(), std::ios::binary) << content;
  Open();
  EXPECT_THAT(MessageOf(ReadAll(*log_).scanned_through.status()),
              HasSubstr("record 2 is damaged"));
}

TEST_F(SqliteLogTest, DamageIsNotTakenForARecordNobodyWants) {
  MakeLogOf(3);
  SqliteFileEditor(file()).Run(
      "UPDATE events SET message_id = 'x' WHERE sequence = 2");
  Open();
  Filter filter;
  filter.message_id = "message 2";
  EXPECT_EQ(ReadOnce(*log_, {}, filter).scanned_through.status().code(),
            absl::StatusCode::kDataLoss);
}

TEST_F(SqliteLogTest, RecordThatIsGoneIsNoticed) {
  MakeLogOf(5);
  SqliteFileEditor(file()).Run("DELETE FROM events WHERE sequence = 3");
  Open();
  const ReadResult read = ReadAll(*log_);
  EXPECT_THAT(MessageOf(read.scanned_through.status()), HasSubstr("record 3 "));
  EXPECT_THAT(read.sequences(), ElementsAre(1, 2));
  EXPECT_THAT(ReadOnce(*log_, {.after = 3}).sequences(), ElementsAre(4, 5));
}

TEST_F(SqliteLogTest, NewestRecordThatIsGoneIsNoticed) {
  Open();
  ASSERT_TRUE(AppendSamples(*log_, 1, 5).ok());
  SqliteFileEditor editor(file());
  editor.Run("DELETE FROM events WHERE sequence = 5");
  EXPECT_THAT(MessageOf(ReadAll(*log_).scanned_through.status()),
              HasSubstr("record 5 "));
  EXPECT_EQ(log_->FirstRecordedAt(clock_.Now() + seconds(1)).status().code(),
            absl::StatusCode::kDataLoss);
}

// Who reads from a later record on would never hear of it.
TEST_F(SqliteLogTest, TimeOfARecordThatIsGoneIsNotFoundBehindIt) {
  Open();
  for (std::uint64_t n = 1; n <= 5; ++n) {
    clock_.Advance(seconds(1));
    ASSERT_TRUE(AppendSamples(*log_, n, 1).ok());
  }
  SqliteFileEditor(file()).Run("DELETE FROM events WHERE sequence = 3");
  const Timestamp third = base::FakeClock::kStart + seconds(3);
  const absl::Status status = log_->FirstRecordedAt(third).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
  EXPECT_THAT(MessageOf(status), HasSubstr("record 3 is not in the log"));
}

TEST_F(SqliteLogTest, DamagedNewestRecordIsNoticedWhenTheLogIsOpened) {
  MakeLogOf(3);
  SqliteFileEditor(file()).Run(
      "UPDATE events SET recorded_at_us = 0 WHERE sequence = 3");
  const auto log = TryOpen();
  EXPECT_EQ(log.status().code(), absl::StatusCode::kDataLoss);
  EXPECT_THAT(MessageOf(log.status()), HasSubstr("record 3 "));
}

TEST_F(SqliteLogTest, DamagedDuplicateKeyIsNoticed) {
  for (const char* const edit :
       {"key = zeroblob(32)", "key = x'00'", "crc = 0"}) {
    base::TemporaryDirectory folder;
    log_ = OpenLogIn(folder.path(), clock_).value();
    ASSERT_TRUE(AppendSamples(*log_, 1, 3).ok());
    SqliteFileEditor(folder / "events.db")
        .Run(std::string("UPDATE duplicate_keys SET ") + edit +
             " WHERE sequence = 2");
    const absl::Status failure =
        log_->VisitDuplicateKeys([](const Digest&, std::uint64_t) {});
    EXPECT_EQ(failure.code(), absl::StatusCode::kDataLoss);
    EXPECT_THAT(MessageOf(failure), HasSubstr("record 2 ")) << edit;
    log_.reset();
  }
}

TEST_F(SqliteLogTest, NumbersOfRemovedRecordsAreNotUsedAgain) {
  MakeLogOf(3);
  // What retention never does: the newest record goes as well.
  SqliteFileEditor(file()).Run("DELETE FROM events");
  Open();
  EXPECT_EQ(log_->bounds().head, 3u);
  const auto records = AppendSamples(*log_, 4, 1);
  ASSERT_TRUE(records.ok()) << records.status();
  EXPECT_EQ(records->at(0).sequence, 4u);
  EXPECT_THAT(ReadOnce(*log_, {.after = 3}).sequences(), ElementsAre(4));
}

// A hole is damage unless an epoch says why it is there.
TEST_F(SqliteLogTest, RecordOfAnEpochThatNeverBeganIsBehindAHole) {
  MakeLogOf(2);
  {
    Record record = SampleRecord(9);
    record.sequence = 1 << 20;
    record.epoch = 2;
    record.recorded_at = base::FakeClock::kStart;
    auto db =
        SqliteDb::Open({file(), ""}, SqliteDb::Access::kReadWrite).value();
    auto insert = db->Prepare(EventInsert()).value();
    BindEvent(ColumnsOf(record), insert);
    ASSERT_TRUE(insert.Run().ok());
  }
  Open();
  EXPECT_THAT(MessageOf(ReadAll(*log_).scanned_through.status()),
              HasSubstr("record 3 "));
}

TEST_F(SqliteLogTest, DamagedNameOfAColumnIsDamageOfTheLog) {
  for (const std::string name :
       {"occurred_at_us", "headers", "lost_after", "value", "key", "through",
        "retry_at_us", "replaying"}) {
    base::TemporaryDirectory folder;
    log_ = OpenLogIn(folder.path(), clock_).value();
    ASSERT_TRUE(AppendSamples(*log_, 1, 1).ok());
    log_.reset();
    std::string content = ContentOf(folder / "events.db");
    content.at(content.find("  " + name + " ") + 3) ^= 1;
    std::ofstream(folder / "events.db", std::ios::binary) << content;
    const auto log = OpenLogIn(folder.path(), clock_);
    EXPECT_EQ(log.status().code(), absl::StatusCode::kDataLoss) << name;
    EXPECT_THAT(MessageOf(log.status()), HasSubstr("events.db")) << name;
  }
}

TEST_F(SqliteLogTest, DamagedVersionOfTheFormatIsDamageOfTheLog) {
  MakeLogOf(3);
  std::string content = ContentOf(file());
  content.at(63) = 1;  // The last byte of `user_version`.
  std::ofstream(file(), std::ios::binary) << content;
  const auto log = TryOpen();
  EXPECT_EQ(log.status().code(), absl::StatusCode::kDataLoss);
  EXPECT_THAT(MessageOf(log.status()), HasSubstr("events.db"));
}

TEST_F(SqliteLogTest, OverwrittenPagesAreNoticed) {
  Open();
  ASSERT_TRUE(AppendSamples(*log_, 1, 200).ok());
  ASSERT_TRUE(Commit(*log_, {SampleCreation(1, {SampleUnsettled(1)},
                                            {SampleParked(2)})})
                  .ok());
  log_.reset();
  const auto size = std::filesystem::file_size(file());
  for (std::uintmax_t page = 2; page < size / 8192; ++page) {
    std::string content = ContentOf(file());
    const std::string good = content;
    content.replace(page * 8192, 8192, std::string(8192, 'x'));
    std::ofstream(file(), std::ios::binary) << content;
    auto log = TryOpen();
    absl::Status status = log.status();
    if (log.ok()) status = ReadAll(**log).scanned_through.status();
    if (status.ok()) {
      status = (*log)->VisitDuplicateKeys([](const Digest&, std::uint64_t) {});
    }
    if (status.ok()) status = ReadSubscriptions(**log).status;
    EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss) << "page " << page;
    log = absl::UnknownError("closed");
    std::ofstream(file(), std::ios::binary) << good;
  }
}

}  // namespace
}  // namespace tuco::log

// What the file of a log says of records and keys that are gone, and of
// deliveries that were only kept.

#include <array>
#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/log/event_log.h"
#include "server/log/sqlite_db.h"
#include "server/log/sqlite_keys.h"
#include "server/log/sqlite_rows.h"
#include "tests/server/base/fake_clock.h"
#include "tests/server/base/temporary_directory.h"
#include "tests/server/log/log_in_folder.h"
#include "tests/server/log/sample_records.h"
#include "tests/server/log/sqlite_file_editor.h"

namespace tuco::log {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// What is bound is read when the statement runs.
template <class Columns>
concept MayBeBound = requires(Columns&& columns, SqliteStatement& insert) {
  BindKey(std::forward<Columns>(columns), insert);
};
static_assert(MayBeBound<KeyColumns&>);
static_assert(!MayBeBound<KeyColumns>);

std::string MessageOf(const absl::Status& status) {
  return {status.message().data(), status.message().size()};
}

class SqliteLogPruningTest : public ::testing::Test {
 protected:
  void Open() {
    log_.reset();
    log_ = OpenLogIn(directory_.path(), clock_).value();
  }
  void MakeLogOf(std::size_t records) {
    Open();
    ASSERT_TRUE(AppendSamples(*log_, 1, records).ok());
    log_.reset();
  }
  std::string file() const { return directory_ / "events.db"; }

  base::TemporaryDirectory directory_;
  base::FakeClock clock_;
  std::unique_ptr<EventLog> log_;
};

TEST_F(SqliteLogPruningTest,
       RememberedAcrossARestartIsWhatWasRemovedAndForgotten) {
  Open();
  ASSERT_TRUE(AppendSamples(*log_, 1, 5).ok());
  const Timestamp later = clock_.Now() + std::chrono::hours(1);
  ASSERT_TRUE(
      log_->RemoveOldest({.recorded_before = later, .rows_max = 2}).ok());
  ASSERT_EQ(log_->ForgetKeys({.before = later, .now = later})->keys.size(), 4u);
  const Timestamp horizon = log_->dedup_horizon();
  log_.reset();
  Open();
  EXPECT_EQ(log_->bounds().first, 3u);
  EXPECT_THAT(ReadOnce(*log_, {.after = 2}).sequences(), ElementsAre(3, 4, 5));
  EXPECT_EQ(log_->dedup_horizon(), horizon);
  EXPECT_EQ(log_->FirstRecordedAt(Timestamp()).value(), 3u);
}

// Nobody told the log that these may go.
TEST_F(SqliteLogPruningTest, OldestRecordsThatAreGoneByThemselvesAreDamage) {
  MakeLogOf(5);
  SqliteFileEditor(file()).Run("DELETE FROM events WHERE sequence <= 2");
  Open();
  const ReadResult read = ReadAll(*log_);
  EXPECT_EQ(read.scanned_through.status().code(), absl::StatusCode::kDataLoss);
  EXPECT_THAT(MessageOf(read.scanned_through.status()),
              HasSubstr("record 1 is not in the log any more"));
}

// Its event would be taken once more.
TEST_F(SqliteLogPruningTest, DuplicateKeyThatIsGoneByItselfIsNoticed) {
  for (const bool forget : {false, true}) {
    for (const char* const gone : {"= 2", "= 5", "= 6", "> 2", "> 0"}) {
      base::TemporaryDirectory folder;
      const auto log = OpenLogIn(folder.path(), clock_).value();
      ASSERT_TRUE(AppendSamples(*log, 1, 6).ok());
      const Timestamp later = clock_.Now() + std::chrono::hours(1);
      if (forget) {
        ASSERT_TRUE(
            log->ForgetKeys({.before = later, .now = later, .rows_max = 1})
                .ok());
      }
      const auto visit = [](const Digest&, std::uint64_t) {};
      ASSERT_TRUE(log->VisitDuplicateKeys(visit).ok());
      SqliteFileEditor(folder / "events.db")
          .Run(std::string("DELETE FROM duplicate_keys WHERE sequence ") +
               gone);
      const absl::Status status = log->VisitDuplicateKeys(visit);
      EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss) << gone;
      EXPECT_THAT(MessageOf(status), HasSubstr("duplicate_keys")) << gone;
    }
  }
}

// A page that stands in the place of another one: their number is right.
TEST_F(SqliteLogPruningTest, DuplicateKeyThatComesTwiceIsNoticed) {
  MakeLogOf(3);
  const auto db =
      SqliteDb::Open({file(), ""}, SqliteDb::Access::kReadOnly).value();
  auto scan = db->Prepare(KeySelect("WHERE sequence = 1 UNION ALL ") +
                          KeySelect("WHERE sequence = 3 UNION ALL ") +
                          KeySelect("WHERE sequence = 1"))
                  .value();
  const absl::Status status =
      ScanKeys(*db, scan, {}, 3, [](const Digest&, std::uint64_t) {});
  EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
  EXPECT_THAT(MessageOf(status), HasSubstr("record 1 "));
}

TEST_F(SqliteLogPruningTest, HorizonThatIsGoneIsNoticed) {
  for (const char* const name : {"forgotten_keys", "dedup_horizon_us"}) {
    base::TemporaryDirectory folder;
    {
      const auto log = OpenLogIn(folder.path(), clock_).value();
      ASSERT_TRUE(AppendSamples(*log, 1, 3).ok());
      const Timestamp later = clock_.Now() + std::chrono::hours(1);
      ASSERT_TRUE(log->ForgetKeys({.before = later, .now = later}).ok());
    }
    SqliteFileEditor(folder / "events.db")
        .Run(std::string("DELETE FROM meta WHERE key = '") + name + "'");
    const auto log = OpenLogIn(folder.path(), clock_);
    EXPECT_EQ(log.status().code(), absl::StatusCode::kDataLoss);
    EXPECT_THAT(MessageOf(log.status()), HasSubstr(name));
  }
}

TEST_F(SqliteLogPruningTest, DamagedNumbersOfTheLogAreRefusedByName) {
  for (const char* name :
       {"removed_through", "forgotten_keys", "dedup_horizon_us"}) {
    base::TemporaryDirectory folder;
    {
      const auto log = OpenLogIn(folder.path(), clock_).value();
      ASSERT_TRUE(AppendSamples(*log, 1, 3).ok());
      const Timestamp later = clock_.Now() + std::chrono::hours(1);
      ASSERT_TRUE(log->RemoveOldest({.recorded_before = later}).ok());
      ASSERT_TRUE(log->ForgetKeys({.before = later, .now = later}).ok());
    }
    SqliteFileEditor(folder / "events.db")
        .Run(std::string("UPDATE meta SET value = value + 1 WHERE key = '") +
             name + "'");
    const auto log = OpenLogIn(folder.path(), clock_);
    EXPECT_EQ(log.status().code(), absl::StatusCode::kDataLoss);
    EXPECT_THAT(MessageOf(log.status()), HasSubstr(name));
  }
}

TEST_F(SqliteLogPruningTest, DamagedQuarantinedDeliveryIsReportedByName) {
  Open();
  QuarantineEntry entry{.endpoint = "tuco", .source = "::1", .body = "{}"};
  std::array<QuarantineEntry*, 1> entries = {&entry};
  ASSERT_TRUE(log_->Commit({.quarantined = entries}).ok());
  ASSERT_TRUE(log_->Commit({.quarantined = entries}).ok());
  SqliteFileEditor(file()).Run(
      "UPDATE quarantine SET source = '::2' "
      "WHERE id = 2");
  std::vector<std::uint64_t> seen;
  const auto read = log_->ReadQuarantine(
      {}, [&](const QuarantineEntry& at) { seen.push_back(at.id); });
  EXPECT_EQ(read.status().code(), absl::StatusCode::kDataLoss);
  EXPECT_THAT(MessageOf(read.status()), HasSubstr("quarantined delivery 2 "));
  EXPECT_THAT(seen, ElementsAre(1));
}

}  // namespace
}  // namespace tuco::log

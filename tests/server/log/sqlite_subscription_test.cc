// What becomes of subscriptions whose rows were damaged.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/log/event_log.h"
#include "tests/server/base/fake_clock.h"
#include "tests/server/base/temporary_directory.h"
#include "tests/server/log/log_in_folder.h"
#include "tests/server/log/sample_records.h"
#include "tests/server/log/sqlite_file_editor.h"
#include "tests/server/log/subscription_samples.h"

namespace tuco::log {
namespace {

using ::testing::ElementsAre;
using ::testing::FieldsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

std::string MessageOf(const absl::Status& status) {
  return static_cast<std::string>(status.message());
}

// Three subscriptions, each with two unsettled events and two parked ones.
class SqliteSubscriptionTest : public ::testing::Test {
 protected:
  SqliteSubscriptionTest() {
    Open();
    EXPECT_TRUE(Commit(*log_, {Sample(1), Sample(2), Sample(3)}).ok());
  }
  static SubscriptionChange Sample(std::uint64_t id) {
    return SampleCreation(id, {SampleUnsettled(4), SampleUnsettled(5)},
                          {SampleParked(6), SampleParked(7)});
  }
  void Open() {
    log_.reset();
    log_ = OpenLogIn(directory_.path(), clock_).value();
  }
  void Run(const std::string& sql) {
    SqliteFileEditor(directory_ / "events.db").Run(sql);
  }
  // Those that are shown, while another one is damaged.
  std::vector<std::uint64_t> ShownWithDamage(const std::string& words) {
    Open();
    const SubscriptionsRead read = ReadSubscriptions(*log_);
    EXPECT_EQ(read.status.code(), absl::StatusCode::kDataLoss);
    EXPECT_THAT(MessageOf(read.status), HasSubstr(words));
    std::vector<std::uint64_t> ids;
    for (const StoredSubscription& stored : read.subscriptions) {
      ids.push_back(stored.row.id);
      EXPECT_EQ(stored.row, SampleSubscription(stored.row.id));
      EXPECT_THAT(stored.unsettled,
                  ElementsAre(SampleUnsettled(4), SampleUnsettled(5)));
    }
    // The server takes deliveries whatever became of subscriptions.
    const std::uint64_t head = log_->bounds().head;
    EXPECT_TRUE(AppendSamples(*log_, head + 1, 1).ok());
    return ids;
  }

  base::TemporaryDirectory directory_;
  base::FakeClock clock_;
  std::unique_ptr<EventLog> log_;
};

TEST_F(SqliteSubscriptionTest, EveryColumnIsUnderItsChecksum) {
  for (const std::string edit :
       {"name = 'x'", "settings = x''", "through = through + 1",
        "created_at_us = 0", "active_at_us = 0", "unsettled_sum = 0",
        "parked_sum = 0", "crc = crc + 1", "id = 9"}) {
    Run("CREATE TABLE IF NOT EXISTS good AS SELECT * FROM subscriptions;"
        "UPDATE subscriptions SET " +
        edit + " WHERE id = 2");
    EXPECT_THAT(ShownWithDamage("table subscriptions"), ElementsAre(1, 3))
        << edit;
    Run("DELETE FROM subscriptions;"
        "INSERT INTO subscriptions SELECT * FROM good");
  }
  EXPECT_THAT(SubscriptionsIn(*log_), SizeIs(3));
}

TEST_F(SqliteSubscriptionTest, EveryColumnOfWhatIsUnsettledIsAsWell) {
  for (const std::string edit :
       {"sequence = 9", "deliveries = 0", "retry_at_us = NULL",
        "retry_at_us = 0", "crc = 0", "subscription = 9"}) {
    Run("CREATE TABLE IF NOT EXISTS good AS SELECT * FROM unsettled;"
        "UPDATE unsettled SET " +
        edit + " WHERE subscription = 2 AND sequence = 4");
    EXPECT_THAT(ShownWithDamage("subscription 2 "), ElementsAre(1, 3)) << edit;
    Run("DELETE FROM unsettled; INSERT INTO unsettled SELECT * FROM good");
  }
  EXPECT_THAT(SubscriptionsIn(*log_), SizeIs(3));
}

TEST_F(SqliteSubscriptionTest, EveryColumnOfWhatIsParkedIsAsWell) {
  for (const std::string edit :
       {"epoch = 9", "recorded_at_us = 9", "suspected_duplicate_of = 9",
        "deliveries = 9", "reason = 9", "parked_at_us = 9",
        "replaying = 1 - replaying", "crc = 0", "lead_id = ''", "phone = ''",
        "signature = x''", "event = x''", "body = x''"}) {
    Run("CREATE TABLE IF NOT EXISTS good AS SELECT * FROM parked;"
        "UPDATE parked SET " +
        edit + " WHERE subscription = 2 AND sequence = 7");
    Open();
    const ParkedRead read = ReadParked(*log_, {.id = 2, .bodies = true});
    EXPECT_EQ(read.last.status().code(), absl::StatusCode::kDataLoss) << edit;
    EXPECT_THAT(MessageOf(read.last.status()), HasSubstr("parked event 7 "));
    EXPECT_THAT(read.events, ElementsAre(SampleParked(6))) << edit;
    EXPECT_THAT(ParkedIn(*log_, 3), SizeIs(2));
    Run("DELETE FROM parked; INSERT INTO parked SELECT * FROM good");
  }
  EXPECT_THAT(ParkedIn(*log_, 2), SizeIs(2));
}

TEST_F(SqliteSubscriptionTest, OneThatIsGoneIsMissed) {
  Run("DELETE FROM subscriptions WHERE id = 2");
  EXPECT_THAT(ShownWithDamage("table subscriptions"), ElementsAre(1, 3));
  Run("DELETE FROM subscriptions");
  EXPECT_THAT(ShownWithDamage("table subscriptions"), IsEmpty());
}

TEST_F(SqliteSubscriptionTest, UnsettledEventThatIsGoneIsMissed) {
  Run("DELETE FROM unsettled WHERE subscription = 2 AND sequence = 5");
  EXPECT_THAT(ShownWithDamage("subscription 2 "), ElementsAre(1, 3));
}

// What is parked is in doubt, and nothing else.
TEST_F(SqliteSubscriptionTest, ParkedEventThatIsGoneIsMissed) {
  Run("DELETE FROM parked WHERE subscription = 2 AND sequence = 6");
  EXPECT_THAT(ShownWithDamage("subscription 2 "), ElementsAre(1, 2, 3));
}

// As when a page is that of another day.
TEST_F(SqliteSubscriptionTest, RowThatWasRightOnceIsNotTakenForTheNewestOne) {
  for (const std::string table : {"subscriptions", "unsettled"}) {
    Run(absl::StrCat("DROP TABLE IF EXISTS old;",
                     "CREATE TABLE old AS SELECT * FROM ", table));
    SubscriptionChange change = ChangeOf(2);
    change.row = SampleSubscription(2);
    change.row->through += table.size();
    change.unsettled = {
        SampleUnsettled(4, static_cast<std::uint32_t>(table.size()))};
    Open();
    ASSERT_TRUE(Commit(*log_, {change}).ok());
    Run(absl::StrCat("CREATE TABLE good AS SELECT * FROM ", table,
                     "; DELETE FROM ", table, "; INSERT INTO ", table,
                     " SELECT * FROM old"));
    Open();
    EXPECT_EQ(ReadSubscriptions(*log_).status.code(),
              absl::StatusCode::kDataLoss)
        << table;
    Run(absl::StrCat("DELETE FROM ", table, "; INSERT INTO ", table,
                     " SELECT * FROM good; DROP TABLE good"));
  }
}

TEST_F(SqliteSubscriptionTest, ChangeOfOneThatIsDamagedIsRefused) {
  Run("UPDATE subscriptions SET through = 99 WHERE id = 2");
  Open();
  SubscriptionChange change = ChangeOf(2);
  change.settled = {4};
  EXPECT_EQ(Commit(*log_, {change}).code(), absl::StatusCode::kDataLoss);
  EXPECT_TRUE(log_->Probe().ok());
  change.id = 3;
  EXPECT_TRUE(Commit(*log_, {change}).ok());
}

TEST_F(SqliteSubscriptionTest, OneThatIsDamagedCanBeRemoved) {
  Run("UPDATE subscriptions SET through = 99 WHERE id = 2");
  Open();
  SubscriptionChange change = ChangeOf(2);
  change.remove = true;
  EXPECT_TRUE(Commit(*log_, {change}).ok());
  EXPECT_THAT(SubscriptionsIn(*log_), SizeIs(2));
}

// Nobody knows of the number of one that cannot be read.
TEST_F(SqliteSubscriptionTest, NewOneNeitherReplacesADamagedOneNorInheritsIt) {
  Run("UPDATE subscriptions SET through = 99 WHERE id = 3");
  Open();
  ASSERT_TRUE(Commit(*log_, {SampleCreation(3, {SampleUnsettled(8)})}).ok());
  Open();
  const SubscriptionsRead read = ReadSubscriptions(*log_);
  EXPECT_EQ(read.status.code(), absl::StatusCode::kDataLoss);
  EXPECT_THAT(MessageOf(read.status), HasSubstr("subscription -3 "));
  ASSERT_THAT(read.subscriptions, SizeIs(3));
  EXPECT_THAT(
      read.subscriptions[2],
      FieldsAre(SampleSubscription(3), ElementsAre(SampleUnsettled(8)), 0u));
  EXPECT_THAT(ParkedIn(*log_, 3), IsEmpty());
}

TEST_F(SqliteSubscriptionTest, DamagedSumOfAllKeepsNobodyFromGoingOn) {
  Run("UPDATE meta SET crc = 0 WHERE key = 'subscriptions_sum'");
  EXPECT_THAT(ShownWithDamage("table meta"), ElementsAre(1, 2, 3));
  SubscriptionChange change = ChangeOf(2);
  change.row = SampleSubscription(2);
  change.row->through = 99;
  ASSERT_TRUE(Commit(*log_, {change}).ok());
  const SubscriptionsRead read = ReadSubscriptions(*log_);
  EXPECT_EQ(read.status.code(), absl::StatusCode::kDataLoss);
  ASSERT_THAT(read.subscriptions, SizeIs(3));
  EXPECT_EQ(read.subscriptions[1].row.through, 99u);
}

}  // namespace
}  // namespace tuco::log

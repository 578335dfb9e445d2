// Keeps docs/log_format.md true.

#include <memory>
#include <string>

#include "gtest/gtest.h"
#include "server/log/event_log.h"
#include "tests/server/base/fake_clock.h"
#include "tests/server/base/temporary_directory.h"
#include "tests/server/log/log_in_folder.h"
#include "tests/server/log/sample_records.h"
#include "tests/server/log/sqlite_file_editor.h"
#include "tests/server/log/subscription_samples.h"
#include "tuco/record_layout.h"

namespace tuco::log {
namespace {

class LogFormatTest : public ::testing::Test {
 protected:
  LogFormatTest() : log_(OpenLogIn(directory_.path(), clock_).value()) {}

  base::TemporaryDirectory directory_;
  base::FakeClock clock_;
  std::unique_ptr<EventLog> log_;
  SqliteFileEditor file_{directory_ / "events.db"};
};

TEST_F(LogFormatTest, FileIsMarkedAsALog) {
  EXPECT_EQ(file_.Value("PRAGMA application_id"), std::to_string(0x5455434f));
  EXPECT_EQ(file_.Value("PRAGMA user_version"), "4");
  EXPECT_EQ(file_.Value("PRAGMA page_size"), "8192");
  EXPECT_EQ(file_.Value("PRAGMA encoding"), "UTF-8");
  EXPECT_EQ(file_.Value("PRAGMA journal_mode"), "wal");
}

TEST_F(LogFormatTest, TablesHaveTheDocumentedColumns) {
  const auto columns = [this](const std::string& table) {
    return file_.Value(
        "SELECT group_concat(name, ', ') FROM pragma_table_info('" + table +
        "')");
  };
  EXPECT_EQ(columns("events"), kEventColumns);
  EXPECT_EQ(columns("duplicate_keys"),
            "sequence, key, crc, received_at_us, occurred_at_us");
  EXPECT_EQ(columns("quarantine"), kQuarantineColumns);
  EXPECT_EQ(columns("subscriptions"), kSubscriptionColumns);
  EXPECT_EQ(columns("unsettled"), kUnsettledColumns);
  EXPECT_EQ(columns("parked"), kParkedColumns);
  EXPECT_EQ(columns("epochs"),
            "epoch, first_sequence, lost_after, began_at_us, crc");
  EXPECT_EQ(columns("meta"), "key, value, crc");
  EXPECT_EQ(file_.Value("SELECT count(*) FROM pragma_table_list "
                        "WHERE schema = 'main' AND strict"),
            "8");
}

TEST_F(LogFormatTest, OutsidersReadARowWhileTheServerRuns) {
  ASSERT_TRUE(AppendSamples(*log_, 2, 1).ok());
  EXPECT_EQ(file_.Value("SELECT type_name || ' ' || hex(signature) || ' ' || "
                        "received_at_us FROM events WHERE sequence = 1"),
            "message.sent " +
                std::string(
                    "0202020202020202020202020202020202020202020202020202020202"
                    "020202") +
                " 1776254400000000");
  EXPECT_EQ(file_.Value("SELECT substr(hex(key), 1, 32) = "
                        "(SELECT hex(event_id) FROM events) "
                        "FROM duplicate_keys"),
            "1");
}

TEST_F(LogFormatTest, SumsOfSubscriptionsAreThoseOfTheirRows) {
  ASSERT_TRUE(
      Commit(*log_,
             {SampleCreation(1, {SampleUnsettled(4), SampleUnsettled(5)},
                             {SampleParked(3), SampleParked(2)}),
              SampleCreation(2, {SampleUnsettled(4)}, {SampleParked(3)})})
          .ok());
  SubscriptionChange change = ChangeOf(1);
  change.unsettled = {SampleUnsettled(5, 2)};
  change.settled = {4};
  change.unparked = {3};
  ASSERT_TRUE(Commit(*log_, {change}).ok());
  for (const std::string table : {"unsettled", "parked"}) {
    std::string count = "SELECT count(*) FROM subscriptions WHERE ";
    count.append(table).append("_sum = (SELECT sum(crc) FROM ");
    count.append(table).append(" WHERE subscription = id)");
    EXPECT_EQ(file_.Value(count), "2");
  }
  EXPECT_EQ(file_.Value("SELECT value = (SELECT sum(crc) FROM subscriptions) "
                        "FROM meta WHERE key = 'subscriptions_sum'"),
            "1");
}

TEST_F(LogFormatTest, ChecksumOfTheExampleIsTheDocumentedOne) {
  Digest key;
  for (std::size_t i = 0; i < key.size(); ++i) {
    key[i] = static_cast<std::uint8_t>(i);
  }
  const std::string signature(32, '\xab');
  RecordColumns columns;
  columns.sequence = 1;
  columns.epoch = 1;
  columns.event_id = {reinterpret_cast<const char*>(key.data()), 16};
  columns.endpoint = "tuco";
  columns.type_name = "message.sent";
  columns.workspace_id = "w1";
  columns.occurred_at_us = 1'776'254'400'042'000;
  columns.received_at_us = 1'776'254'400'100'000;
  columns.recorded_at_us = 1'776'254'400'101'000;
  columns.event = "";
  columns.body = "{}";
  columns.signature = signature;
  EXPECT_EQ(RecordCrc(columns), 512'181'803u);
  EXPECT_EQ(DuplicateKeyCrc({.sequence = 1,
                             .key = key,
                             .received_at_us = 1'776'254'400'100'000,
                             .occurred_at_us = 1'776'254'400'042'000}),
            616'373'439u);
  EXPECT_EQ(DuplicateKeyCrc({.sequence = 1, .key = key}), 1'065'062'066u);
  EXPECT_EQ(UnsettledCrc({.subscription = 7, .sequence = 42, .deliveries = 2}),
            3'859'375'617u);
}

TEST_F(LogFormatTest, NullAndEmptyHaveDifferentChecksums) {
  RecordColumns null;
  RecordColumns empty;
  empty.phone = "";
  EXPECT_NE(RecordCrc(null), RecordCrc(empty));
}

}  // namespace
}  // namespace tuco::log

// What a backup does with subscriptions.

#include "server/log/sqlite_backup.h"

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/base/posix_file_system.h"
#include "server/log/event_log.h"
#include "tests/server/base/fake_clock.h"
#include "tests/server/base/temporary_directory.h"
#include "tests/server/log/log_in_folder.h"
#include "tests/server/log/sample_records.h"
#include "tests/server/log/sqlite_file_editor.h"
#include "tests/server/log/subscription_samples.h"

namespace tuco::log {
namespace {

using ::testing::HasSubstr;

// A log with two events and two subscriptions.
class SqliteBackupTest : public ::testing::Test {
 protected:
  SqliteBackupTest() {
    EXPECT_TRUE(AppendSamples(*log_, 1, 2).ok());
    EXPECT_TRUE(Commit(*log_, {SampleCreation(1, {SampleUnsettled(4)},
                                              {SampleParked(6)}),
                               SampleCreation(2)})
                    .ok());
  }
  absl::StatusOr<BackupReport> BackUpTo(const std::string& folder) {
    const std::string path = directory_ / folder;
    EXPECT_TRUE(files_.MakeDirectory(path).ok());
    return BackUpLog(files_, directory_ / "log", path + "/events.db",
                     [](int) {});
  }

  base::TemporaryDirectory directory_;
  base::FakeClock clock_;
  base::PosixFileSystem files_;
  std::unique_ptr<EventLog> log_ =
      OpenLogIn(directory_ / "log", clock_).value();
};

TEST_F(SqliteBackupTest, CopyHasTheSubscriptions) {
  const auto report = BackUpTo("copy");
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(report->events, 2u);
  const auto copy = OpenLogIn(directory_ / "copy", clock_).value();
  EXPECT_EQ(SubscriptionsIn(*copy), SubscriptionsIn(*log_));
  EXPECT_EQ(ParkedIn(*copy, 1), ParkedIn(*log_, 1));
}

TEST_F(SqliteBackupTest, DamagedSubscriptionIsNotCopied) {
  for (const std::string damage :
       {"UPDATE subscriptions SET through = 99 WHERE id = 2",
        "UPDATE unsettled SET deliveries = 9",
        "UPDATE parked SET body = zeroblob(length(body))",
        "DELETE FROM subscriptions WHERE id = 2", "DELETE FROM unsettled",
        "DELETE FROM parked"}) {
    SqliteFileEditor editor(directory_ / "log/events.db");
    editor.Run(
        "CREATE TABLE a AS SELECT * FROM subscriptions;"
        "CREATE TABLE b AS SELECT * FROM unsettled;"
        "CREATE TABLE c AS SELECT * FROM parked;" +
        damage);
    const absl::Status status = BackUpTo("copy of " + damage).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss) << damage;
    EXPECT_THAT(static_cast<std::string>(status.message()),
                HasSubstr("subscription"));
    editor.Run(
        "INSERT OR REPLACE INTO subscriptions SELECT * FROM a;"
        "INSERT OR REPLACE INTO unsettled SELECT * FROM b;"
        "INSERT OR REPLACE INTO parked SELECT * FROM c;"
        "DROP TABLE a; DROP TABLE b; DROP TABLE c");
  }
  EXPECT_TRUE(BackUpTo("copy").ok());
}

}  // namespace
}  // namespace tuco::log

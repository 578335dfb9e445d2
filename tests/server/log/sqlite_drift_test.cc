// What the file of a log says of drift.

#include "server/log/sqlite_drift.h"

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/log/event_log.h"
#include "tests/server/base/fake_clock.h"
#include "tests/server/base/temporary_directory.h"
#include "tests/server/log/drift_samples.h"
#include "tests/server/log/log_in_folder.h"
#include "tests/server/log/sqlite_file_editor.h"
#include "tuco/record_layout.h"

namespace tuco::log {
namespace {

using ::testing::ElementsAre;

class SqliteDriftTest : public ::testing::Test {
 protected:
  SqliteDriftTest() : log_(OpenLogIn(directory_.path(), clock_).value()) {}

  void Commit(const std::vector<DriftName>& names) {
    EXPECT_TRUE(log_->Commit({.drift = names}).ok());
  }
  void Reopen() {
    log_.reset();
    log_ = OpenLogIn(directory_.path(), clock_).value();
  }
  // What an outsider makes of the file.
  std::string Edit(const std::string& sql) {
    SqliteFileEditor editor(directory_ / "events.db");
    return editor.Value(sql);
  }
  void AddRow(const std::string& key, std::uint32_t crc) {
    Edit("INSERT INTO meta VALUES ('" + key + "', 1, " + std::to_string(crc) +
         ")");
  }

  const DriftName field_ =
      SampleDrift(DriftKind::kUnknownField, "data.newField", 1'776'254'400);
  const DriftName event_ =
      SampleDrift(DriftKind::kUnknownEvent, "lead.updated", 1'776'254'401);
  base::TemporaryDirectory directory_;
  base::FakeClock clock_;
  std::unique_ptr<EventLog> log_;
};

TEST_F(SqliteDriftTest, RowIsAsThePageOfTheFormatHasIt) {
  Commit({field_});
  const std::string key = "drift:unknown_field:data.newField";
  const std::string row = " FROM meta WHERE key = '" + key + "'";
  EXPECT_EQ(Edit("SELECT value" + row), "1776254400000000");
  EXPECT_EQ(Edit("SELECT crc" + row),
            std::to_string(MetaCrc(key, 1'776'254'400'000'000)));
}

TEST_F(SqliteDriftTest, NamesAreThereAfterARestart) {
  Commit({field_, event_});
  Reopen();
  EXPECT_THAT(DriftIn(*log_), ElementsAre(event_, field_));
}

TEST_F(SqliteDriftTest, DamagedNameIsReportedAndWrittenAnew) {
  Commit({field_, event_});
  Edit("UPDATE meta SET value = value + 1 WHERE key LIKE 'drift:%Field'");
  std::vector<DriftName> seen;
  const absl::Status status = log_->VisitDriftNames(
      [&seen](const DriftName& name) { seen.push_back(name); });
  EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
  EXPECT_THAT(seen, ElementsAre(event_));
  Commit({field_});
  EXPECT_THAT(DriftIn(*log_), ElementsAre(event_, field_));
}

TEST_F(SqliteDriftTest, WhatIsNoNameIsDamage) {
  for (const std::string& name :
       {std::string(kDriftNameBytesMax + 1, 'a'), std::string("a b"),
        std::string("caf\xc3\xa9"), std::string("\x1b[2J")}) {
    const std::string key = "drift:unknown_field:" + name;
    AddRow(key, MetaCrc(key, 1));
    EXPECT_EQ(log_->VisitDriftNames([](const DriftName&) {}).code(),
              absl::StatusCode::kDataLoss)
        << name;
    Edit("DELETE FROM meta");
  }
}

TEST_F(SqliteDriftTest, KindOfALaterVersionIsLeftOut) {
  Commit({field_});
  for (const std::string key : {"drift:later_kind:x", "drift:nothing"}) {
    AddRow(key, MetaCrc(key, 1));
  }
  EXPECT_THAT(DriftIn(*log_), ElementsAre(field_));
}

}  // namespace
}  // namespace tuco::log

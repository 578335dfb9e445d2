#include "server/app/log_export.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_split.h"
#include "proto/event_writer.h"
#include "server/base/posix_file_system.h"
#include "server/cli/delivery_line.h"
#include "tests/server/base/fake_clock.h"
#include "tests/server/base/temporary_directory.h"
#include "tests/server/log/log_in_folder.h"
#include "tests/server/log/sample_records.h"
#include "tests/server/log/sqlite_file_editor.h"

namespace tuco::app {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// What was written, until it is told to take no more.
class StringOutput final : public cli::Output {
 public:
  cli::WriteResult Write(std::string_view text) override {
    if (full) return cli::WriteResult::kFailed;
    written += text;
    return cli::WriteResult::kWritten;
  }
  std::vector<cli::DeliveryLine> Lines() const {
    std::vector<cli::DeliveryLine> lines;
    for (const absl::string_view line :
         absl::StrSplit(written, '\n', absl::SkipEmpty())) {
      lines.push_back(
          cli::ParseDeliveryLine({line.data(), line.size()}).value());
    }
    return lines;
  }
  std::vector<std::string> Bodies() const {
    std::vector<std::string> bodies;
    for (const cli::DeliveryLine& line : Lines()) bodies.push_back(line.body);
    return bodies;
  }

  std::string written;
  bool full = false;
};

class LogExportTest : public testing::Test {
 protected:
  void SetUp() override { OpenLog(); }

  void OpenLog() { log_ = log::OpenLogIn(directory_.path(), clock_).value(); }

  void Append(std::uint64_t first, std::size_t count) {
    std::vector<log::Record> records;
    records.reserve(count);
    for (std::uint64_t i = first; i < first + count; ++i) {
      log::Record record = log::SampleRecord(i);
      Event event;
      event.event_id = "evt_" + std::to_string(i);
      event.endpoint = "other";
      event.type_name = "message.sent";
      event.occurred_at = record.occurred_at;
      event.received_at = record.received_at;
      record.event = proto::SerializeForLog(event);
      record.body = std::to_string(i);
      records.push_back(std::move(record));
    }
    ASSERT_TRUE(log::Append(*log_, records).ok());
  }

  ExportResult Export(const ExportRange& range) {
    base::PosixFileSystem files;
    const auto reader = log::LogFileReader::Open(files, directory_.path());
    EXPECT_TRUE(reader.ok()) << reader.status();
    return ExportLog(
        **reader, range, output_,
        {.tell = [&](std::string_view said) { notices_.emplace_back(said); },
         .progress = [](std::uint64_t, std::uint64_t, std::uint64_t) {},
         .stop = [this] { return stop_; }});
  }

  void Edit(const std::string& sql) {
    log::SqliteFileEditor editor(directory_.path() + "/events.db");
    editor.Run(sql);
  }

  const base::TemporaryDirectory directory_;
  base::FakeClock clock_;
  std::unique_ptr<log::EventLog> log_;
  StringOutput output_;
  std::vector<std::string> notices_;
  bool stop_ = false;
};

TEST_F(LogExportTest, WritesEveryEventOfALogInUse) {
  Append(1, 3'000);
  const ExportResult result = Export({});
  EXPECT_TRUE(result.status.ok()) << result.status;
  EXPECT_EQ(result.lines, 3'000);
  EXPECT_THAT(notices_, IsEmpty());
  const std::vector<cli::DeliveryLine> lines = output_.Lines();
  ASSERT_EQ(lines.size(), 3'000);
  EXPECT_EQ(lines[2'999].body, "3000");
  EXPECT_EQ(lines[0].endpoint, "other");
  EXPECT_EQ(lines[0].received_at, log::SampleRecord(1).received_at);
  EXPECT_EQ(lines[0].event_header, "message.sent");
}

TEST_F(LogExportTest, WritesBothEndsOfARange) {
  Append(1, 9);
  EXPECT_EQ(Export({.from = 3, .to = 5}).lines, 3);
  EXPECT_THAT(output_.Bodies(), ElementsAre("3", "4", "5"));
}

TEST_F(LogExportTest, WritesNothingOfAnEmptyLogOrBehindItsHead) {
  EXPECT_TRUE(Export({}).status.ok());
  Append(1, 2);
  EXPECT_EQ(Export({.from = 3}).lines, 0);
  EXPECT_EQ(output_.written, "");
}

TEST_F(LogExportTest, NamesTheDamagedEventAndWritesThoseBeforeIt) {
  Append(1, 5);
  Edit("UPDATE events SET body = x'00' WHERE sequence = 4");
  const ExportResult result = Export({});
  EXPECT_TRUE(absl::IsDataLoss(result.status));
  EXPECT_THAT(std::string(result.status.message()), HasSubstr("record 4"));
  EXPECT_EQ(result.lines, 3);
  EXPECT_THAT(output_.Bodies(), ElementsAre("1", "2", "3"));
}

TEST_F(LogExportTest, NamesTheEventThatIsGone) {
  Append(1, 5);
  Edit("DELETE FROM events WHERE sequence = 5");
  const ExportResult result = Export({});
  EXPECT_TRUE(absl::IsDataLoss(result.status));
  EXPECT_THAT(std::string(result.status.message()), HasSubstr("record 5"));
  EXPECT_EQ(result.lines, 4);
}

TEST_F(LogExportTest, SaysWhatRetentionHasRemoved) {
  Append(1, 5);
  ASSERT_TRUE(log_->RemoveOldest({.recorded_before = Timestamp::max(),
                                  .bytes_max = std::nullopt,
                                  .rows_max = 3})
                  .ok());
  EXPECT_EQ(Export({.from = 2}).lines, 2);
  EXPECT_THAT(notices_, ElementsAre("events 2 to 3 are missing: retention "
                                    "removed them"));
  EXPECT_THAT(output_.Bodies(), ElementsAre("4", "5"));
}

TEST_F(LogExportTest, SaysWhatTheLogLost) {
  Append(1, 2);
  log_.reset();
  std::filesystem::copy(directory_.path() + "/events.db",
                        directory_.path() + "/old");
  OpenLog();
  Append(3, 2);
  log_.reset();
  std::filesystem::rename(directory_.path() + "/old",
                          directory_.path() + "/events.db");
  std::filesystem::remove(directory_.path() + "/events.db-wal");
  std::filesystem::remove(directory_.path() + "/events.db-shm");
  OpenLog();
  Append(5, 1);
  EXPECT_EQ(Export({}).lines, 3);
  EXPECT_THAT(notices_, ElementsAre("events 3 to 1048575 are missing: the log "
                                    "lost what was there"));
  EXPECT_THAT(output_.Bodies(), ElementsAre("1", "2", "5"));
}

// No server has been started on it since.
TEST_F(LogExportTest, SaysThatTheLogLostItsEnd) {
  Append(1, 2);
  log_.reset();
  std::filesystem::copy(directory_.path() + "/events.db",
                        directory_.path() + "/old");
  OpenLog();
  Append(3, 2);
  log_.reset();
  std::filesystem::rename(directory_.path() + "/old",
                          directory_.path() + "/events.db");
  std::filesystem::remove(directory_.path() + "/events.db-wal");
  std::filesystem::remove(directory_.path() + "/events.db-shm");
  EXPECT_EQ(Export({.from = 1, .to = 2}).lines, 2);
  EXPECT_THAT(notices_, IsEmpty());
  EXPECT_EQ(Export({}).lines, 2);
  EXPECT_THAT(notices_, ElementsAre("events 3 to at least 4 are missing: the "
                                    "log lost what was there"));
}

TEST_F(LogExportTest, EndsWhenItIsToldTo) {
  Append(1, 5);
  stop_ = true;
  EXPECT_TRUE(absl::IsCancelled(Export({}).status));
  EXPECT_EQ(output_.written, "");
}

TEST_F(LogExportTest, EndsWhereNothingCanBeWritten) {
  Append(1, 5);
  output_.full = true;
  const ExportResult result = Export({});
  EXPECT_EQ(result.written, cli::WriteResult::kFailed);
  EXPECT_EQ(result.lines, 0);
}

TEST_F(LogExportTest, RefusesWhatIsNoLogOfThisVersion) {
  base::PosixFileSystem files;
  EXPECT_TRUE(absl::IsNotFound(
      log::LogFileReader::Open(files, directory_.path() + "/none").status()));
  log_.reset();
  log::SqliteFileEditor(directory_.path() + "/events.db").MakeVersion1();
  const auto old = log::LogFileReader::Open(files, directory_.path());
  EXPECT_TRUE(absl::IsUnimplemented(old.status())) << old.status();
}

}  // namespace
}  // namespace tuco::app

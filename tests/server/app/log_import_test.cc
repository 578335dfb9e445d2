#include "server/app/log_import.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "server/log/event_log.h"
#include "tests/server/base/fake_clock.h"
#include "tests/server/base/memory_disk.h"
#include "tests/server/log/forwarding_log.h"
#include "tests/server/log/sqlite_vfs.h"
#include "tuco/signature_verifier.h"

namespace tuco::app {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

constexpr char kSecret[] = "whsec_first_0123456789";

// A log whose disk is full behind so many records.
class SmallLog final : public log::ForwardingLog {
 public:
  using ForwardingLog::ForwardingLog;
  absl::Status Commit(const log::Batch& batch) override {
    if (bounds().head + batch.records.size() > records_max) {
      return absl::ResourceExhaustedError("the disk is full");
    }
    return ForwardingLog::Commit(batch);
  }

  std::uint64_t records_max = UINT64_MAX;
};

std::string Line(std::uint64_t number, const std::string& secret = kSecret) {
  const std::string body = absl::StrCat(
      R"({"event":"message.sent","data":{"messageId":")", number, R"("}})");
  return absl::StrCat(R"({"headers":{"x-tuco-signature":")",
                      Sign(body, secret).value(), R"("},"bodyBase64":")",
                      absl::Base64Escape(body), R"("})");
}

class LogImportTest : public testing::Test {
 protected:
  LogImportTest() : log_(log::MakeMemoryLog(clock_)) {
    endpoints_.emplace(receiver::Endpoints::Create(
                           {{.name = "tuco", .secrets = {{"main", kSecret}}}})
                           .value());
    importer_.emplace(*endpoints_, clock_, 256UL * 1024);
  }

  ImportResult Import(const std::vector<std::string>& lines) {
    return ImportInto(log_, lines);
  }
  ImportResult ImportInto(log::EventLog& log,
                          const std::vector<std::string>& lines) {
    committer_.reset();
    committer_ = log::Committer::Start(
        log, {.queue_records_max = SIZE_MAX, .queue_bytes_max = SIZE_MAX},
        nullptr);
    return Run(lines, committer_.get());
  }

  ImportResult Run(const std::vector<std::string>& lines,
                   log::Committer* committer) {
    LogImport import(
        *importer_, committer,
        {.endpoint = "",
         .tell = [this](std::string_view said) { notices_.emplace_back(said); },
         .progress = [](std::uint64_t) {}});
    std::size_t next = 0;
    return import.Run([&]() -> absl::StatusOr<std::optional<std::string_view>> {
      if (next == stop_at_) return absl::CancelledError("stop");
      if (next == lines.size()) return std::nullopt;
      return lines[next++];
    });
  }

  base::FakeClock clock_;
  SmallLog log_;
  std::optional<receiver::Endpoints> endpoints_;
  std::optional<receiver::Importer> importer_;
  std::unique_ptr<log::Committer> committer_;
  std::vector<std::string> notices_;
  std::size_t stop_at_ = SIZE_MAX;
};

TEST_F(LogImportTest, CountsWhatBecameOfEachLine) {
  const ImportResult result =
      Import({Line(1), "", Line(2), Line(1), Line(3, "whsec_of_nobody_0123")});
  EXPECT_TRUE(result.status.ok()) << result.status;
  EXPECT_EQ(result.counts.lines, 4);
  EXPECT_EQ(result.counts.accepted, 2);
  EXPECT_EQ(result.counts.duplicates, 1);
  EXPECT_EQ(result.counts.not_genuine, 1);
  EXPECT_THAT(notices_, ElementsAre("line 5: not genuine, SIGNATURE_MISMATCH"));
  EXPECT_EQ(log_.bounds().head, 2);
}

TEST_F(LogImportTest, TakesMoreLinesThanTheWindowHas) {
  std::vector<std::string> lines;
  const std::size_t count = LogImport::kWindowLines + 1'000;
  lines.reserve(count);
  for (std::uint64_t i = 0; i < count; ++i) lines.push_back(Line(i));
  EXPECT_EQ(Import(lines).counts.accepted, count);
}

TEST_F(LogImportTest, EndsAtALineThatCannotBeRead) {
  const ImportResult result = Import({Line(1), Line(2), "{", Line(3)});
  EXPECT_TRUE(absl::IsInvalidArgument(result.status)) << result.status;
  EXPECT_EQ(result.line, 3);
  EXPECT_EQ(result.counts.accepted, 2);
  EXPECT_EQ(log_.bounds().head, 2);
}

TEST_F(LogImportTest, EndsWhenItIsToldTo) {
  stop_at_ = 2;
  const ImportResult result = Import({Line(1), Line(2), Line(3)});
  EXPECT_TRUE(absl::IsCancelled(result.status)) << result.status;
  EXPECT_EQ(result.line, 3);
  EXPECT_EQ(log_.bounds().head, 2);
}

TEST_F(LogImportTest, SaysWhichLineTheFullDiskTookNoMore) {
  log_.records_max = 0;
  std::vector<std::string> lines;
  for (std::uint64_t i = 0; i < 5'000; ++i) lines.push_back(Line(i));
  const ImportResult result = Import(lines);
  EXPECT_TRUE(absl::IsResourceExhausted(result.status)) << result.status;
  EXPECT_EQ(result.line, 1);
  EXPECT_EQ(result.counts.accepted, 0);
}

// On a real one some batches fit in behind one that did not.
TEST_F(LogImportTest, GoesOnWhereAFullVolumeHasSpaceAgain) {
  base::MemoryDisk disk(1);
  const log::SqliteVfs vfs(disk);
  const auto log = log::OpenSqliteLog({.directory = "/log",
                                       .clock = clock_,
                                       .files = disk,
                                       .sqlite_vfs = vfs.name()})
                       .value();
  std::vector<std::string> lines;
  constexpr std::uint64_t kLines = 20'000;
  lines.reserve(kLines);
  for (std::uint64_t i = 0; i < kLines; ++i) lines.push_back(Line(i));
  disk.SetCapacity(std::uint64_t{4} << 20);
  const ImportResult full = ImportInto(*log, lines);
  EXPECT_TRUE(absl::IsResourceExhausted(full.status)) << full.status;
  EXPECT_LT(full.counts.accepted, kLines);
  EXPECT_EQ(log->bounds().head, full.counts.accepted);
  EXPECT_GE(full.counts.accepted, full.line - 1);
  disk.SetCapacity(std::uint64_t{1} << 30);
  const ImportResult again = ImportInto(*log, lines);
  EXPECT_TRUE(again.status.ok()) << again.status;
  EXPECT_EQ(again.counts.duplicates, full.counts.accepted);
  EXPECT_EQ(again.counts.accepted, kLines - full.counts.accepted);
  EXPECT_EQ(log->bounds().head, kLines);
  committer_.reset();
}

TEST_F(LogImportTest, NamesTheFirstLinesThatAreNotGenuine) {
  std::vector<std::string> lines;
  const std::uint64_t count = LogImport::kNamedMax + 5;
  for (std::uint64_t i = 0; i < count; ++i) {
    lines.push_back(Line(i, "whsec_of_nobody_0123"));
  }
  EXPECT_EQ(Import(lines).counts.not_genuine, count);
  EXPECT_THAT(notices_, SizeIs(LogImport::kNamedMax));
}

TEST_F(LogImportTest, LeavesOutWhatCannotBeToldFromAReplay) {
  std::string body =
      R"({"event":"message.sent","timestamp":"2026-01-01T00:00:00Z"})";
  const auto line = [&body] {
    return absl::StrCat(R"({"headers":{"x-tuco-signature":")",
                        Sign(body, kSecret).value(), R"("},"bodyBase64":")",
                        absl::Base64Escape(body),
                        R"(","receivedAt":"2026-01-01T00:00:00Z"})");
  };
  ASSERT_EQ(Import({line(), Line(1)}).counts.accepted, 2);
  committer_->Stop();
  ASSERT_TRUE(log_.ForgetKeys({.before = base::FakeClock::kStart,
                               .now = base::FakeClock::kStart})
                  .ok());
  const ImportResult result = Import({line()});
  EXPECT_EQ(result.counts.replays, 1);
  EXPECT_THAT(notices_, ElementsAre(HasSubstr("replay")));
  EXPECT_EQ(log_.bounds().head, 2);
}

TEST_F(LogImportTest, OnlyLooksWithoutACommitter) {
  const ImportResult result =
      Run({Line(1), Line(2, "whsec_of_nobody_0123")}, nullptr);
  EXPECT_EQ(result.counts.accepted, 1);
  EXPECT_EQ(result.counts.not_genuine, 1);
  EXPECT_EQ(log_.bounds().head, 0);
}

}  // namespace
}  // namespace tuco::app

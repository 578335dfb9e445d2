#include "server/app/backup_command.h"

#include <unistd.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "server/base/logging.h"
#include "server/base/posix_file_system.h"
#include "server/cli/console.h"
#include "server/cli/environment.h"
#include "server/cli/exit_codes.h"
#include "server/log/sqlite_backup.h"
#include "tuco/strings.h"

namespace tuco::app {
namespace {

constexpr const char* kFooter = R"(
The log may be in use: what it holds at the start is copied, and every event is
checked in the copy. FILE is there when all of it is on stable storage. Where the
log has lost its newest events, the copy is made and they are named on stderr.

To restore, stop the server, replace events.db in its data folder by FILE, remove
events.db-wal and events.db-shm, and leave `mark` where it is: readers are then
told which events are missing.

Example:
  tuco-events backup --data /var/lib/tuco /backup/tuco-2026-11-25.db)";

constexpr int kPercentStep = 10;

struct BackupFlags {
  std::string file;
  std::optional<std::string> data;
  std::string output = "text";
};

std::string DataOf(const BackupFlags& flags) {
  if (flags.data.has_value()) return *flags.data;
  const std::optional<std::string> data =
      cli::ProcessEnvironment()("TUCO_EVENTS_DATA");
  return data.value_or("./data");
}

// A line for every tenth, to whoever looks on.
log::BackupProgress ProgressOnTerminal() {
  if (!cli::IsTerminal(STDERR_FILENO)) return [](int) {};
  return [next = kPercentStep](int percent) mutable {
    if (percent < next) return;
    cli::Notice(Concat({std::to_string(percent), " % copied"}));
    next = percent - percent % kPercentStep + kPercentStep;
  };
}

std::string Text(const log::BackupReport& report, const std::string& file) {
  const std::string events =
      report.events == 0 ? "no events"
                         : Concat({std::to_string(report.events), " events, ",
                                   std::to_string(report.first), " to ",
                                   std::to_string(report.last), ","});
  return Concat(
      {events, " in ", std::to_string(report.bytes), " bytes: ", file, "\n"});
}

std::string Json(const log::BackupReport& report, const std::string& file) {
  const auto number = [](std::uint64_t value) {
    return Concat({"\"", std::to_string(value), "\""});
  };
  return Concat({R"({"file":)", base::JsonQuote(file), R"(,"events":)",
                 number(report.events), R"(,"firstSequence":)",
                 number(report.first), R"(,"lastSequence":)",
                 number(report.last), R"(,"bytes":)", number(report.bytes),
                 "}\n"});
}

int ExitCodeOf(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kNotFound:
    case absl::StatusCode::kAlreadyExists:
    case absl::StatusCode::kPermissionDenied:
      return cli::kExitUsage;
    case absl::StatusCode::kUnimplemented:
    case absl::StatusCode::kUnavailable:
      return cli::kExitConnect;
    default:
      return cli::kExitStorage;
  }
}

int BackUp(const BackupFlags& flags) {
  base::PosixFileSystem files;
  const absl::StatusOr<log::BackupReport> report =
      log::BackUpLog(files, DataOf(flags), flags.file, ProgressOnTerminal());
  if (!report.ok()) {
    return cli::Fail(ExitCodeOf(report.status()), report.status());
  }
  if (report->lost_from > 0) {
    cli::Notice(Concat({"events ", std::to_string(report->lost_from),
                        " to at least ", std::to_string(report->lost_through),
                        " are missing: the log lost what was there"}));
  }
  const std::string said = flags.output == "json" ? Json(*report, flags.file)
                                                  : Text(*report, flags.file);
  return cli::Print(said, cli::kExitOk);
}

}  // namespace

void AddBackup(cli::Command parent) {
  const auto flags = std::make_shared<BackupFlags>();
  const cli::Command backup =
      parent.AddCommand("backup", "Copy an event log, in use or not.");
  backup.AddOption("FILE", flags->file, "The copy, a new file").Required();
  backup
      .AddOption("--data", flags->data,
                 "Folder of the server's files (default ./data, or "
                 "TUCO_EVENTS_DATA)")
      .ValueName("DIR");
  backup.AddOption("--output", flags->output, "text or json")
      .OneOf({"text", "json"});
  backup.SetFooter(kFooter);
  backup.SetAction([flags] { return BackUp(*flags); });
}

}  // namespace tuco::app

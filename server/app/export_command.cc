#include "server/app/export_command.h"

#include <unistd.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "server/app/log_export.h"
#include "server/base/posix_file_system.h"
#include "server/cli/console.h"
#include "server/cli/environment.h"
#include "server/cli/exit_codes.h"
#include "server/cli/interrupt.h"
#include "server/cli/progress.h"
#include "server/log/sqlite_reader.h"
#include "tuco/strings.h"

namespace tuco::app {
namespace {

constexpr const char* kFooter = R"(
Writes each event as the delivery it came from: a line of JSON as `tail --output
raw` prints it, with its endpoint and the time of its arrival besides. `import`
reads the lines back, and so does `verify --input`.

The log may be in use: what it holds at the start is written, every event is
checked, and the server waits for nobody. Sequences that no event has, for the log
lost them or retention removed them, are named on stderr, also where it lost its
newest ones and no server has been started on it since.

Exit code: 0 done, 2 wrong usage, 3 there is no log or it cannot be read, 4 an
event is damaged (what is before it is written) or FILE cannot be written, 130
interrupted.

Examples:
  tuco-events export --format ndjson > events.ndjson
  tuco-events export --format ndjson --data /var/lib/tuco --from 1000 --to 1999
  tuco-events export --format ndjson --output-file events.ndjson)";

struct ExportFlags {
  std::string format;
  std::optional<std::string> data;
  ExportRange range;
  std::string file;
};

// A new file. One thread at a time.
class FileOutput final : public cli::Output {
 public:
  explicit FileOutput(std::unique_ptr<base::File> file)
      : file_(std::move(file)) {}

  cli::WriteResult Write(std::string_view text) override {
    const absl::Status status = file_->WriteAt(size_, text);
    if (!status.ok()) return cli::WriteResult::kFailed;
    size_ += text.size();
    return cli::WriteResult::kWritten;
  }
  absl::Status Sync() { return file_->Sync(); }

 private:
  const std::unique_ptr<base::File> file_;
  std::uint64_t size_ = 0;
};

std::string DataOf(const ExportFlags& flags) {
  if (flags.data.has_value()) return *flags.data;
  return cli::ProcessEnvironment()("TUCO_EVENTS_DATA").value_or("./data");
}

int ExitCodeOfLog(const absl::Status& status) {
  return absl::IsDataLoss(status) ? cli::kExitStorage : cli::kExitConnect;
}

// What is to be said of a run that is not done, and what it ends with.
int Judge(const ExportResult& result, const std::string& file,
          const cli::Interrupt& interrupt) {
  const std::string lines =
      Concat({std::to_string(result.lines), " events are written"});
  if (result.written == cli::WriteResult::kFailed && !file.empty()) {
    return cli::Fail(
        cli::kExitStorage,
        Concat({"cannot write to ", file, "; is the disk full? ", lines}));
  }
  if (result.written != cli::WriteResult::kWritten) {
    return cli::ExitCodeOf(result.written);
  }
  if (absl::IsCancelled(result.status)) {
    const int exit_code = interrupt.exit_code();
    if (exit_code == cli::kExitOk) return exit_code;
    return cli::Fail(exit_code, Concat({"interrupted: ", lines}));
  }
  if (result.status.ok()) return cli::kExitOk;
  return cli::Fail(ExitCodeOfLog(result.status),
                   Concat({FromAbsl(result.status.message()), "; ", lines,
                           ", none of them behind it"}));
}

int Export(log::LogFileReader& log, const ExportFlags& flags,
           cli::Output& output, cli::Interrupt& interrupt) {
  if (flags.range.from > log.bounds().head) {
    cli::Notice(Concat({"there is no event ", std::to_string(flags.range.from),
                        " yet: the newest one is ",
                        std::to_string(log.bounds().head)}));
  }
  cli::Progress progress(STDERR_FILENO);
  const ExportResult result = ExportLog(
      log, flags.range, output,
      {.tell = [](std::string_view notice) { cli::Notice(notice); },
       .progress =
           [&](std::uint64_t lines, std::uint64_t done, std::uint64_t all) {
             progress.Say(lines, [&] {
               return Concat({std::to_string(lines), " events, ",
                              std::to_string(done * 100 / all), " %"});
             });
           },
       .stop = [&interrupt] { return interrupt.raised(); }});
  const int exit_code = Judge(result, flags.file, interrupt);
  if (exit_code != cli::kExitOk || flags.file.empty()) return exit_code;
  return cli::Print(
      Concat({std::to_string(result.lines),
              result.lines == 1 ? " event: " : " events: ", flags.file, "\n"}),
      exit_code);
}

std::string FolderOf(const std::string& path) {
  const std::size_t slash = path.find_last_of('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

int ExportToFile(base::FileSystem& files, log::LogFileReader& log,
                 const ExportFlags& flags, cli::Interrupt& interrupt) {
  absl::StatusOr<std::unique_ptr<base::File>> file =
      files.Open(flags.file, base::FileSystem::OpenMode::kCreateNew);
  if (!file.ok()) return cli::Fail(cli::kExitUsage, file.status());
  FileOutput output(*std::move(file));
  const int exit_code = Export(log, flags, output, interrupt);
  if (exit_code != cli::kExitOk) return exit_code;
  absl::Status synced = output.Sync();
  if (synced.ok()) synced = files.SyncDirectory(FolderOf(flags.file));
  return synced.ok() ? exit_code : cli::Fail(cli::kExitStorage, synced);
}

int RunExport(const ExportFlags& flags) {
  if (flags.range.from > flags.range.to) {
    return cli::Fail(cli::kExitUsage, "--from is behind --to");
  }
  cli::Interrupt interrupt;
  const cli::SignalWatcher watcher(interrupt, STDOUT_FILENO);
  base::PosixFileSystem files;
  const absl::StatusOr<std::unique_ptr<log::LogFileReader>> log =
      log::LogFileReader::Open(files, DataOf(flags));
  if (!log.ok()) return cli::Fail(ExitCodeOfLog(log.status()), log.status());
  if (!flags.file.empty()) {
    return ExportToFile(files, **log, flags, interrupt);
  }
  cli::FdOutput output(STDOUT_FILENO);
  return Export(**log, flags, output, interrupt);
}

}  // namespace

void AddExport(cli::Command parent) {
  const auto flags = std::make_shared<ExportFlags>();
  const cli::Command command = parent.AddCommand(
      "export", "Write the events of a log, in use or not, as text.");
  command.AddOption("--format", flags->format, "ndjson")
      .OneOf({"ndjson"})
      .Required();
  command
      .AddOption("--data", flags->data,
                 "Folder of the server's files (default ./data, or "
                 "TUCO_EVENTS_DATA)")
      .ValueName("DIR");
  command.AddOption("--from", flags->range.from, "The first event's sequence")
      .InRange(1, UINT64_MAX)
      .ValueName("SEQ");
  command.AddOption("--to", flags->range.to, "The last event's sequence")
      .InRange(1, UINT64_MAX)
      .ValueName("SEQ");
  command
      .AddOption("--output-file", flags->file,
                 "A new file for the events (default: stdout)")
      .ValueName("FILE");
  command.SetFooter(kFooter);
  command.SetAction([flags] { return RunExport(*flags); });
}

}  // namespace tuco::app

#include "server/app/import_command.h"

#include <fcntl.h>
#include <unistd.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "server/app/config_sources.h"
#include "server/app/log_import.h"
#include "server/base/clock.h"
#include "server/base/posix_file_system.h"
#include "server/cli/console.h"
#include "server/cli/environment.h"
#include "server/cli/exit_codes.h"
#include "server/cli/interrupt.h"
#include "server/cli/line_reader.h"
#include "server/cli/progress.h"
#include "server/log/committer.h"
#include "server/log/event_log.h"
#include "tuco/strings.h"

namespace tuco::app {
namespace {

constexpr const char* kFooter = R"(
Reads deliveries, a line of JSON each, as `export` and `tail --output raw` write
them, verifies each under the secrets that `serve` would use, and appends those
that are new to the log. The server must not be running: import takes its place.

  {"headers": {"x-tuco-signature": "…", …}, "body": "…" | "bodyBase64": "…",
   "endpoint"?: "…", "receivedAt"?: "…"}

An endpoint that a line does not name is --endpoint, else whichever verifies it;
without receivedAt it arrives now. A secret in a line is ignored. An event that
the log has is a duplicate; one that is as old as events that the log has
forgotten cannot be told from a replay, and is left out.

Exit code: 0 all is in the log, 1 some lines are not (the first 20 are named), 2
wrong usage, or a line that cannot be read: what is before it is in the log, 3 the
log cannot be opened, 4 the log is damaged or its disk full, 130 interrupted.
Whatever has happened, the same file can be imported again.

Examples:
  tuco-events import --config /etc/tuco/tuco-events.toml events.ndjson
  TUCO_WEBHOOK_SECRET_FILE=secret.txt tuco-events import --data data2 events.ndjson
  tuco-events import --dry-run - < events.ndjson)";

struct ImportFlags {
  std::string file;
  std::string config;
  std::optional<std::string> data;
  std::string endpoint;
  bool dry_run = false;
  std::string output = "text";
};

std::string Lines(std::uint64_t count) {
  return Concat({std::to_string(count), count == 1 ? " line" : " lines"});
}

std::string Text(const ImportCounts& counts, bool dry_run) {
  const std::string begin =
      Concat({Lines(counts.lines), ": ", std::to_string(counts.accepted)});
  const std::string not_genuine =
      Concat({", ", std::to_string(counts.not_genuine), " not genuine"});
  if (dry_run) {
    return Concat({begin, " genuine", not_genuine, "; nothing is kept\n"});
  }
  return Concat({begin, " accepted, ", std::to_string(counts.duplicates),
                 " duplicates", not_genuine, ", ",
                 std::to_string(counts.replays), " replays\n"});
}

std::string Json(const ImportCounts& counts, bool dry_run) {
  const auto number = [](std::uint64_t value) {
    return Concat({"\"", std::to_string(value), "\""});
  };
  const std::string begin = Concat({R"({"lines":)", number(counts.lines)});
  const std::string not_genuine =
      Concat({R"(,"notGenuine":)", number(counts.not_genuine)});
  if (dry_run) {
    return Concat(
        {begin, R"(,"genuine":)", number(counts.accepted), not_genuine, "}\n"});
  }
  return Concat({begin, R"(,"accepted":)", number(counts.accepted),
                 R"(,"duplicates":)", number(counts.duplicates), not_genuine,
                 R"(,"replays":)", number(counts.replays), "}\n"});
}

// A file that is open for reading; stdin stays open.
class Input {
 public:
  explicit Input(const std::string& path)
      : fd_(path == "-" ? STDIN_FILENO
                        : ::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {}
  ~Input() {
    if (fd_ > STDIN_FILENO) ::close(fd_);
  }
  Input(const Input&) = delete;
  Input& operator=(const Input&) = delete;
  int fd() const { return fd_; }

 private:
  const int fd_;
};

// Why the import ended early, and what the process ends with; kExitOk if it
// did not.
int Judge(const ImportResult& result, const cli::Interrupt& interrupt) {
  const std::string line = std::to_string(result.line);
  const std::string_view why = FromAbsl(result.status.message());
  switch (result.status.code()) {
    case absl::StatusCode::kOk:
      return cli::kExitOk;
    case absl::StatusCode::kCancelled:
      return cli::Fail(interrupt.exit_code(),
                       Concat({"interrupted: what is before line ", line,
                               " is in the log"}));
    case absl::StatusCode::kInvalidArgument:
      return cli::Fail(
          cli::kExitUsage,
          Concat({"line ", line, ": ", why,
                  "; what is before it has been taken in, and nothing behind ",
                  "it was read"}));
    default:
      return cli::Fail(
          cli::kExitStorage,
          Concat({"line ", line, ": ", why,
                  "; what is before it is in the log, and some behind it may ",
                  "be: import the file again when the cause is gone"}));
  }
}

int Report(const ImportResult& result, const ImportFlags& flags,
           const cli::Interrupt& interrupt) {
  const ImportCounts& counts = result.counts;
  const std::uint64_t left_out = counts.not_genuine + counts.replays;
  if (left_out > LogImport::kNamedMax) {
    cli::Notice(Concat({Lines(left_out), " were not taken in, of which ",
                        std::to_string(LogImport::kNamedMax), " are named"}));
  }
  int exit_code = Judge(result, interrupt);
  if (exit_code == cli::kExitOk && left_out > 0) {
    exit_code = cli::kExitNegative;
  }
  return cli::Print(flags.output == "json" ? Json(counts, flags.dry_run)
                                           : Text(counts, flags.dry_run),
                    exit_code);
}

ImportResult ReadInput(const Input& input, const receiver::Importer& importer,
                       log::Committer* committer, const ImportFlags& flags,
                       cli::Interrupt& interrupt) {
  cli::LineReader reader(input.fd(),
                         [&interrupt] { return interrupt.raised(); });
  cli::Progress progress(STDERR_FILENO);
  LogImport import(
      importer, committer,
      {.endpoint = flags.endpoint,
       .tell = [](std::string_view notice) { cli::Notice(notice); },
       .progress =
           [&progress](std::uint64_t lines) {
             progress.Say(lines, [lines] { return Lines(lines); });
           }});
  return import.Run([&reader] { return reader.Next(); });
}

int ImportIntoLog(const ServeConfig& config, const Input& input,
                  const receiver::Importer& importer, const ImportFlags& flags,
                  cli::Interrupt& interrupt) {
  const base::SystemClock clock;
  base::PosixFileSystem files;
  const absl::StatusOr<std::unique_ptr<log::EventLog>> log =
      log::OpenSqliteLog({.directory = config.log_directory,
                          .clock = clock,
                          .files = files,
                          .sqlite_vfs = ""});
  if (!log.ok()) return cli::Fail(ExitCodeOfStart(log.status()), log.status());
  // No clock: what was forgotten or removed while the archive is read could
  // not be told from what is in it. The import's window bounds the queue.
  const std::unique_ptr<log::Committer> committer =
      log::Committer::Start(**log,
                            {.queue_records_max = SIZE_MAX,
                             .queue_bytes_max = SIZE_MAX,
                             .quarantine = config.quarantine},
                            nullptr);
  const ImportResult result =
      ReadInput(input, importer, committer.get(), flags, interrupt);
  return Report(result, flags, interrupt);
}

absl::StatusOr<ServeConfig> MakeConfig(const ImportFlags& flags) {
  Settings settings;
  settings.data = flags.data;
  return LoadConfig(std::move(settings), flags.config,
                    cli::ProcessEnvironment());
}

int RunImport(const ImportFlags& flags) {
  cli::Interrupt interrupt;
  const cli::SignalWatcher watcher(interrupt);
  const absl::StatusOr<ServeConfig> config = MakeConfig(flags);
  if (!config.ok()) {
    return cli::Fail(ExitCodeOfConfig(config.status()), config.status());
  }
  const absl::StatusOr<ConfiguredEndpoints> endpoints =
      LoadEndpoints(*config, "", cli::ProcessEnvironment());
  if (!endpoints.ok()) {
    return cli::Fail(ExitCodeOfConfig(endpoints.status()), endpoints.status());
  }
  if (!flags.endpoint.empty() &&
      endpoints->endpoints.Find(flags.endpoint) == nullptr) {
    return cli::Fail(cli::kExitUsage,
                     Concat({"--endpoint: no endpoint \"", flags.endpoint,
                             "\" is configured"}));
  }
  const Input input(flags.file);
  if (input.fd() < 0) {
    return cli::Fail(cli::kExitUsage,
                     Concat({"cannot read ", flags.file,
                             ": expected a file that can be read, or -"}));
  }
  const base::SystemClock clock;
  const receiver::Importer importer(endpoints->endpoints, clock,
                                    config->body_bytes_max);
  if (flags.dry_run) {
    return Report(ReadInput(input, importer, nullptr, flags, interrupt), flags,
                  interrupt);
  }
  return ImportIntoLog(*config, input, importer, flags, interrupt);
}

}  // namespace

void AddImport(cli::Command parent) {
  const auto flags = std::make_shared<ImportFlags>();
  const cli::Command command =
      parent.AddCommand("import", "Take deliveries from a file into a log.");
  command.AddOption("FILE", flags->file, "Deliveries, a line each; - is stdin")
      .Required();
  command.AddOption("--config", flags->config, "TOML file, as for serve")
      .ValueName("FILE");
  command
      .AddOption("--data", flags->data,
                 "Folder of the server's files (default ./data)")
      .ValueName("DIR");
  command
      .AddOption("--endpoint", flags->endpoint,
                 "The endpoint of lines that name none (default: whichever "
                 "verifies them)")
      .ValueName("NAME");
  command.AddFlag("--dry-run", flags->dry_run,
                  "Verify every line and keep nothing");
  command.AddOption("--output", flags->output, "text or json")
      .OneOf({"text", "json"})
      .ShowDefault();
  command.SetFooter(kFooter);
  command.SetAction([flags] { return RunImport(*flags); });
}

}  // namespace tuco::app

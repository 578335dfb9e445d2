// Writes the events of a log as lines that `import` reads back.

#ifndef TUCO_SERVER_APP_LOG_EXPORT_H_
#define TUCO_SERVER_APP_LOG_EXPORT_H_

#include <cstdint>
#include <functional>
#include <string_view>

#include "absl/status/status.h"
#include "server/cli/console.h"
#include "server/log/sqlite_reader.h"

namespace tuco::app {

// Which events to write; both ends belong to it. What is appended while the
// export runs does not.
struct ExportRange {
  std::uint64_t from = 1;
  std::uint64_t to = UINT64_MAX;
};

// Whom the export keeps in the picture.
struct ExportWatcher {
  // Told of sequences that no event has: lost ones, and removed ones.
  std::function<void(std::string_view notice)> tell;
  // Told after each portion: how many lines are written, and how far of how
  // many sequences it has come.
  std::function<void(std::uint64_t lines, std::uint64_t done,
                     std::uint64_t all)>
      progress;
  // Asked before each portion whether to end here, which is Cancelled.
  std::function<bool()> stop;
};

struct ExportResult {
  std::uint64_t lines = 0;  // Written, each of them whole.
  // OK when everything is written. DataLoss names the first event that is
  // damaged: what is before it is written, and nothing behind.
  absl::Status status;
  // Of the output, where that is why there are no more.
  cli::WriteResult written = cli::WriteResult::kWritten;
};

// Writes the range in portions, each read in a transaction of its own that is
// over before the portion is written: a server that runs on the log never waits
// for whoever reads the lines. Takes a few MiB.
ExportResult ExportLog(log::LogFileReader& log, const ExportRange& range,
                       cli::Output& output, const ExportWatcher& watcher);

}  // namespace tuco::app

#endif  // TUCO_SERVER_APP_LOG_EXPORT_H_

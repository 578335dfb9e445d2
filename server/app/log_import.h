// Takes the deliveries of an archive into a log, a line each.
//
//   line ──▶ importer ──▶ committer ──▶ counted
//              ▲                           │
//              └── no more than a window ──┘  of lines is without an answer

#ifndef TUCO_SERVER_APP_LOG_IMPORT_H_
#define TUCO_SERVER_APP_LOG_IMPORT_H_

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/cli/delivery_line.h"
#include "server/log/committer.h"
#include "server/receiver/importer.h"

namespace tuco::app {

struct ImportCounts {
  std::uint64_t lines = 0;  // Read, blank ones left out.
  std::uint64_t accepted = 0;
  std::uint64_t duplicates = 0;
  std::uint64_t not_genuine = 0;
  std::uint64_t replays = 0;
};

struct ImportResult {
  ImportCounts counts;
  // OK: all of it was read and answered. InvalidArgument: line `line` cannot
  // be read; what is before it is in the log, and nothing behind it was read.
  // Cancelled: likewise, of the line that would have been next. Else what the
  // committer said of line `line`: all before it is in the log, and some behind
  // it may be.
  absl::Status status;
  std::uint64_t line = 0;
};

// One run; one thread at a time, but for the committer's.
class LogImport {
 public:
  // How many lines may wait for an answer, and how many bytes of bodies.
  static constexpr std::size_t kWindowLines = 16'384;
  static constexpr std::size_t kWindowBytes = std::size_t{16} << 20;
  // Of lines that were not taken in, this many are named.
  static constexpr std::uint64_t kNamedMax = 20;

  // Yields the next line, nothing at the end.
  using NextLine =
      std::function<absl::StatusOr<std::optional<std::string_view>>()>;
  struct Options {
    // Of lines that name no endpoint; empty: every endpoint is tried.
    std::string endpoint;
    // Told why a line was not taken in. On either thread, one at a time.
    std::function<void(std::string_view notice)> tell;
    // Told now and then how many lines are read.
    std::function<void(std::uint64_t lines)> progress;
  };

  // Everything must outlive it. Without a committer nothing is appended: what
  // is genuine counts as accepted.
  LogImport(const receiver::Importer& importer, log::Committer* committer,
            Options options);

  // Returns when everything that was read has its answer.
  ImportResult Run(const NextLine& next_line);

 private:
  absl::Status ReadAll(const NextLine& next_line);
  void Take(const cli::DeliveryLine& line);
  void Submit(const receiver::Archived& archived);
  // Waits until `bytes` more fit into the window.
  void WaitForRoom(std::size_t bytes);
  void WaitForAll();
  bool failed();
  void Answered(std::uint64_t line, std::size_t bytes,
                const receiver::Imported& imported);
  void Count(std::uint64_t line, const receiver::Imported& imported)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Name(std::uint64_t line, std::string_view why)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const receiver::Importer& importer_;
  log::Committer* const committer_;
  const Options options_;
  std::uint64_t line_ = 0;  // That was read last.

  std::mutex mutex_;
  std::condition_variable answered_;
  std::size_t waiting_lines_ ABSL_GUARDED_BY(mutex_) = 0;
  std::size_t waiting_bytes_ ABSL_GUARDED_BY(mutex_) = 0;
  std::uint64_t named_ ABSL_GUARDED_BY(mutex_) = 0;
  ImportCounts counts_ ABSL_GUARDED_BY(mutex_);
  // Of the first line that could not be kept.
  std::uint64_t failed_line_ ABSL_GUARDED_BY(mutex_) = 0;
  absl::Status failure_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace tuco::app

#endif  // TUCO_SERVER_APP_LOG_IMPORT_H_

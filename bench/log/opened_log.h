// The server's log as benchmarks use it: the one place where they meet its
// interface.

#ifndef TUCO_BENCH_LOG_OPENED_LOG_H_
#define TUCO_BENCH_LOG_OPENED_LOG_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>

#include "server/base/clock.h"
#include "server/base/posix_file_system.h"
#include "server/log/event_log.h"
#include "server/log/record.h"
#include "tuco/digest.h"

namespace tuco::bench {

// What fails ends the process. One thread at a time.
class OpenedLog {
 public:
  // Makes the log when it is not there.
  explicit OpenedLog(const std::string& directory);

  // Appends a batch and does the chores behind it, as the committer does.
  void Append(std::span<log::Record* const> batch);

  // The sequence of the newest event.
  std::uint64_t head() const { return log_->bounds().head; }

  // Hands every duplicate key to `visit`.
  void VisitKeys(const std::function<void(const Digest& key,
                                          std::uint64_t sequence)>& visit);

 private:
  const base::SystemClock clock_;
  base::PosixFileSystem files_;
  std::unique_ptr<log::EventLog> log_;
};

}  // namespace tuco::bench

#endif  // TUCO_BENCH_LOG_OPENED_LOG_H_

// Copies a log while its server goes on writing.

#ifndef TUCO_SERVER_LOG_SQLITE_BACKUP_H_
#define TUCO_SERVER_LOG_SQLITE_BACKUP_H_

#include <cstdint>
#include <functional>
#include <string>

#include "absl/status/statusor.h"
#include "server/base/file_system.h"

namespace tuco::log {

// What a copy holds.
struct BackupReport {
  std::uint64_t first = 0;  // The oldest event; 0 and 0 without one.
  std::uint64_t last = 0;
  std::uint64_t events = 0;
  std::uint64_t bytes = 0;  // Of the file.
  // Events that the log had acknowledged and has lost at its end; none: 0 and
  // 0.
  std::uint64_t lost_from = 0;
  std::uint64_t lost_through = 0;  // At least.
};

// Told how much of the database is copied, in percent.
using BackupProgress = std::function<void(int percent)>;

// Copies the log in `directory` as it is now to a new file `to`, one file that
// needs no other, and checks every record in the copy. `to` is there when that
// has succeeded and is on stable storage, and not before. Takes no lock that a
// server would wait for; while it runs the log's journal grows.
//
// NotFound: there is no log. AlreadyExists: `to` is there. DataLoss: what is
// there is no log, or a record of it is damaged; the message names it.
// ResourceExhausted: no space. Else the codes of FileSystem.
absl::StatusOr<BackupReport> BackUpLog(base::FileSystem& files,
                                       const std::string& directory,
                                       const std::string& to,
                                       const BackupProgress& progress);

}  // namespace tuco::log

#endif  // TUCO_SERVER_LOG_SQLITE_BACKUP_H_

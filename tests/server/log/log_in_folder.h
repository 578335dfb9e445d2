// A log in a folder of the machine, as the server opens it.

#ifndef TUCO_TESTS_SERVER_LOG_LOG_IN_FOLDER_H_
#define TUCO_TESTS_SERVER_LOG_LOG_IN_FOLDER_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "server/base/clock.h"
#include "server/base/posix_file_system.h"
#include "server/log/event_log.h"

namespace tuco::log {

inline absl::StatusOr<std::unique_ptr<EventLog>> OpenLogIn(
    const std::string& directory, const base::Clock& clock) {
  static base::PosixFileSystem files;  // Has no state, and outlives the log.
  return OpenSqliteLog({.directory = directory,
                        .clock = clock,
                        .files = files,
                        .sqlite_vfs = ""});
}

}  // namespace tuco::log

#endif  // TUCO_TESTS_SERVER_LOG_LOG_IN_FOLDER_H_

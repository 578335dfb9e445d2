// The database file: how it is made, recognised and opened
// (docs/log_format.md).

#ifndef TUCO_SERVER_LOG_SQLITE_FILE_H_
#define TUCO_SERVER_LOG_SQLITE_FILE_H_

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/base/file_system.h"
#include "server/log/sqlite_db.h"

namespace tuco::log {

// Makes `location`, a file in `directory`, with its empty tables unless it is
// there, and sees to it that what is there is a log this version can write and
// that its name is on stable storage. Changes nothing of a file that is none.
// Must run before anything in this process has the file open: to close it a
// second time drops SQLite's locks.
absl::Status PrepareLogFile(base::FileSystem& files,
                            const std::string& directory,
                            const SqliteLocation& location);

// Whether what is at `path` is a log that this version can read: OK, DataLoss
// or Unimplemented. Reads a few bytes of the file and changes nothing. Not
// while anything in this process has it open.
absl::Status CheckIsLog(base::FileSystem& files, const std::string& path);

// Connections to a prepared file, with every setting that a log needs.
absl::StatusOr<std::unique_ptr<SqliteDb>> OpenForWriting(
    const SqliteLocation& location);
absl::StatusOr<std::unique_ptr<SqliteDb>> OpenForReading(
    const SqliteLocation& location);

}  // namespace tuco::log

#endif  // TUCO_SERVER_LOG_SQLITE_FILE_H_

// Reads a log beside its server, which may be writing it.

#ifndef TUCO_SERVER_LOG_SQLITE_READER_H_
#define TUCO_SERVER_LOG_SQLITE_READER_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "server/base/file_system.h"
#include "server/log/event_log.h"
#include "server/log/sqlite_db.h"
#include "server/log/sqlite_position.h"

namespace tuco::log {

// A connection that only reads. Between two calls it holds nothing back, so the
// server's journal does not grow for it. One thread at a time.
class LogFileReader {
 public:
  // Opens the log in `directory`. NotFound: there is none. Unimplemented: a
  // program of another version wrote it. DataLoss: what is there is no log, or
  // it is damaged. Else the codes of SqliteDb.
  static absl::StatusOr<std::unique_ptr<LogFileReader>> Open(
      base::FileSystem& files, const std::string& directory);

  // What the log held when it was opened or last read.
  Bounds bounds() const {
    return {.first = position_.first,
            .head = position_.head,
            .epoch = position_.epoch};
  }
  const std::vector<Gap>& gaps() const { return position_.gaps; }

  // The newest sequence that the log's mark knew of when it was opened; 0 where
  // there is no mark. Events between the head of that time and this are gone,
  // and the next server that is started on the log says so.
  std::uint64_t marked() const { return marked_; }

  // As EventLog::Read, without a filter.
  absl::StatusOr<std::uint64_t> Read(
      const ReadRequest& request,
      const std::function<void(const RecordColumns&)>& visit);

 private:
  LogFileReader(std::unique_ptr<SqliteDb> db, std::uint64_t marked)
      : db_(std::move(db)), marked_(marked) {}
  absl::Status Prepare(const std::string& path);
  absl::Status ReadPosition();
  // What Read does between the beginning and the end of its transaction.
  absl::StatusOr<std::uint64_t> ReadInside(
      const ReadRequest& request,
      const std::function<void(const RecordColumns&)>& visit);

  const std::unique_ptr<SqliteDb> db_;
  const std::uint64_t marked_;
  SqliteStatement behind_;
  LogPosition position_;
};

}  // namespace tuco::log

#endif  // TUCO_SERVER_LOG_SQLITE_READER_H_

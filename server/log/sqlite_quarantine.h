// Table `quarantine`.

#ifndef TUCO_SERVER_LOG_SQLITE_QUARANTINE_H_
#define TUCO_SERVER_LOG_SQLITE_QUARANTINE_H_

#include <cstdint>
#include <memory>
#include <span>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/log/quarantine.h"
#include "server/log/sqlite_db.h"

namespace tuco::log {

// The writing side; each call within a transaction of the caller's. One thread
// at a time.
class SqliteQuarantine {
 public:
  // Must not outlive `db`.
  static absl::StatusOr<std::unique_ptr<SqliteQuarantine>> Open(SqliteDb& db);

  // The newest id that was ever given, 0 before the first.
  absl::StatusOr<std::uint64_t> NewestId();

  absl::Status Insert(const QuarantineEntry& entry);
  // NotFound: there is no such entry. FailedPrecondition: it is settled
  // already. DataLoss: it is damaged.
  absl::Status Update(const QuarantineUpdate& update);
  // Removes the entry; none is right as well.
  absl::Status Remove(std::uint64_t id);

 private:
  explicit SqliteQuarantine(SqliteDb& db) : db_(db) {}
  absl::StatusOr<QuarantineEntry> EntryOf(std::uint64_t id);

  SqliteDb& db_;
  SqliteStatement insert_;
  SqliteStatement select_;
  SqliteStatement remove_;
};

// Hands the entries behind `request.after` to `visit`, in order, and returns
// the last one's id, `request.after` when there is none. DataLoss names the
// first one that is damaged; those before it were visited.
absl::StatusOr<std::uint64_t> ReadQuarantineRows(
    SqliteDb& db, const QuarantineRequest& request,
    const QuarantineVisitor& visit);

}  // namespace tuco::log

#endif  // TUCO_SERVER_LOG_SQLITE_QUARANTINE_H_

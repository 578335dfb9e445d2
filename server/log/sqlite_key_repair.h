// Makes table duplicate_keys anew where rows of it are damaged or gone.
//
//   what is legible of the table ──┐
//                                  ├──▶ a new table
//   the records, hashed again ─────┘
//
// The old table stays under another name and is never written to again: where
// its structure is damaged, a page of it may be one of another table's, which a
// deleted row or a dropped table would destroy.
//
// A key that is in neither was forgotten once, or cannot be known any more. Of
// how many that is true the counts tell, not of which ones; so the horizon is
// raised above all that it may be true of.

#ifndef TUCO_SERVER_LOG_SQLITE_KEY_REPAIR_H_
#define TUCO_SERVER_LOG_SQLITE_KEY_REPAIR_H_

#include "absl/status/statusor.h"
#include "server/log/event_log.h"
#include "server/log/sqlite_db.h"
#include "server/log/sqlite_position.h"
#include "tuco/timestamp.h"

namespace tuco::log {

// Within a transaction of the caller's on `db`, the connection that writes, and
// reading on `old`, another one: SQLite writes no more in a transaction in
// which it has seen damage. `position` is where the log stands before and
// after. The codes of EventLog::Commit.
absl::StatusOr<KeyRepair> RepairKeyTable(SqliteDb& old, SqliteDb& db,
                                         Timestamp now, LogPosition& position);

}  // namespace tuco::log

#endif  // TUCO_SERVER_LOG_SQLITE_KEY_REPAIR_H_

// All of table duplicate_keys, and whether it is all.
//
// A row that is not there is noticed by nobody else: its event would be taken
// once more. So the rows are counted, and how many were forgotten stands in
// table meta.

#ifndef TUCO_SERVER_LOG_SQLITE_KEYS_H_
#define TUCO_SERVER_LOG_SQLITE_KEYS_H_

#include <cstdint>
#include <functional>
#include <vector>

#include "absl/status/status.h"
#include "server/log/event_log.h"
#include "server/log/sqlite_db.h"
#include "tuco/digest.h"

namespace tuco::log {

// Hands each row to `visit`. `scan`, a statement of `db`, selects all of them
// in order; `gaps` and `head` are those of the log, `head` as it was before.
// DataLoss: a row is damaged, or not as many are there as must be.
absl::Status ScanKeys(SqliteDb& db, SqliteStatement& scan,
                      const std::vector<Gap>& gaps, std::uint64_t head,
                      const std::function<void(const Digest& key,
                                               std::uint64_t sequence)>& visit);

}  // namespace tuco::log

#endif  // TUCO_SERVER_LOG_SQLITE_KEYS_H_

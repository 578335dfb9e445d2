// Where a log stands, as its tables tell.

#ifndef TUCO_SERVER_LOG_SQLITE_POSITION_H_
#define TUCO_SERVER_LOG_SQLITE_POSITION_H_

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "server/log/event_log.h"
#include "server/log/sqlite_db.h"
#include "tuco/timestamp.h"

namespace tuco::log {

// Where the log stands.
struct LogPosition {
  std::uint64_t first = 1;
  std::uint64_t head = 0;
  std::uint64_t epoch = 1;
  Timestamp recorded_at = Timestamp::min();  // Of the head.
  std::vector<Gap> gaps{};
  // Of the duplicate keys that were forgotten.
  Timestamp dedup_horizon = Timestamp::min();
  // Whether one of these may have had no signed timestamp.
  bool untimed_in_doubt = false;
};

// All of it but the newest record's epoch and time, which a reader that wants
// to get as far as it can does without. DataLoss: what is kept beside the
// records is damaged.
absl::StatusOr<LogPosition> ReadLogPosition(SqliteDb& db);

}  // namespace tuco::log

#endif  // TUCO_SERVER_LOG_SQLITE_POSITION_H_

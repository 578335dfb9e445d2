#include "server/log/sqlite_position.h"

#include <algorithm>
#include <optional>

#include "server/base/status_macros.h"
#include "server/log/sqlite_epochs.h"
#include "server/log/sqlite_meta.h"
#include "server/log/sqlite_pruning.h"

namespace tuco::log {

absl::StatusOr<LogPosition> ReadLogPosition(SqliteDb& db) {
  LogPosition position;
  TUCO_ASSIGN_OR_RETURN(const std::int64_t newest_key,
                        db.QueryInt("SELECT max(sequence) "
                                    "FROM duplicate_keys"));
  TUCO_ASSIGN_OR_RETURN(const std::int64_t newest,
                        db.QueryInt("SELECT max(sequence) FROM events"));
  TUCO_ASSIGN_OR_RETURN(const std::vector<EpochRow> epochs, ReadEpochs(db));
  TUCO_ASSIGN_OR_RETURN(const std::optional<std::int64_t> removed_through,
                        ReadMeta(db, kRemovedThroughKey));
  TUCO_ASSIGN_OR_RETURN(position.dedup_horizon, ReadDedupHorizon(db));
  position.first = static_cast<std::uint64_t>(removed_through.value_or(0)) + 1;
  // The newest key outlives its record, and what was removed was there: no
  // number is used again after retention.
  position.head =
      std::max(static_cast<std::uint64_t>(std::max(newest_key, newest)),
               position.first - 1);
  position.gaps = GapsOf(epochs);
  if (!epochs.empty()) {
    position.head = std::max(position.head, epochs.back().first_sequence - 1);
    position.epoch = epochs.back().epoch;
  }
  return position;
}

}  // namespace tuco::log

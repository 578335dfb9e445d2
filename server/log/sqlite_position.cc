#include "server/log/sqlite_position.h"

#include <algorithm>
#include <optional>

#include "server/base/status_macros.h"
#include "server/log/sqlite_epochs.h"
#include "server/log/sqlite_meta.h"
#include "server/log/sqlite_pruning.h"
#include "server/log/sqlite_rows.h"

namespace tuco::log {
namespace {

// The sequence of the newest legible key, 0 without one. What a damaged row or
// page says of its sequence may be anything.
absl::StatusOr<std::uint64_t> NewestKey(SqliteDb& db) {
  TUCO_ASSIGN_OR_RETURN(SqliteStatement keys,
                        db.Prepare(KeySelect("ORDER BY sequence DESC")));
  while (true) {
    const absl::StatusOr<bool> found = keys.Step();
    if (!found.ok() && !db.structure_damaged()) return found.status();
    if (!found.ok() || !*found) return 0;
    const absl::StatusOr<KeyColumns> key = KeyAt(keys);
    if (key.ok()) return key->sequence;
  }
}

}  // namespace

absl::StatusOr<LogPosition> ReadLogPosition(SqliteDb& db) {
  LogPosition position;
  TUCO_ASSIGN_OR_RETURN(const std::uint64_t newest_key, NewestKey(db));
  TUCO_ASSIGN_OR_RETURN(const std::int64_t newest,
                        db.QueryInt("SELECT max(sequence) FROM events"));
  TUCO_ASSIGN_OR_RETURN(const std::vector<EpochRow> epochs, ReadEpochs(db));
  TUCO_ASSIGN_OR_RETURN(const std::optional<std::int64_t> removed_through,
                        ReadMeta(db, kRemovedThroughKey));
  TUCO_ASSIGN_OR_RETURN(position.dedup_horizon, ReadDedupHorizon(db));
  TUCO_ASSIGN_OR_RETURN(const std::optional<std::int64_t> untimed,
                        ReadMeta(db, kUntimedInDoubtKey));
  position.untimed_in_doubt = untimed.value_or(0) != 0;
  position.first = static_cast<std::uint64_t>(removed_through.value_or(0)) + 1;
  // The newest key outlives its record, and what was removed was there: no
  // number is used again after retention.
  position.head = std::max(
      {newest_key, static_cast<std::uint64_t>(newest), position.first - 1});
  position.gaps = GapsOf(epochs);
  if (!epochs.empty()) {
    position.head = std::max(position.head, epochs.back().first_sequence - 1);
    position.epoch = epochs.back().epoch;
  }
  return position;
}

}  // namespace tuco::log

#include "server/log/sqlite_pruning.h"

#include <algorithm>
#include <chrono>
#include <optional>

#include "absl/strings/str_cat.h"
#include "server/base/status_macros.h"
#include "server/log/sqlite_meta.h"
#include "server/log/sqlite_rows.h"
#include "tuco/record_layout.h"
#include "tuco/strings.h"

namespace tuco::log {
namespace {

std::int64_t Microseconds(Timestamp time) {
  return time.time_since_epoch().count();
}

// Whether both of a key's times are known and before `before`.
bool IsOld(const KeyColumns& key, std::int64_t before) {
  constexpr std::int64_t kNoTime = RecordColumns::kNoTime;
  return key.received_at_us != kNoTime && key.received_at_us < before &&
         key.occurred_at_us != kNoTime && key.occurred_at_us < before;
}

// Bytes of the database that hold something.
absl::StatusOr<std::uint64_t> UsedBytes(SqliteDb& db) {
  TUCO_ASSIGN_OR_RETURN(const std::int64_t pages,
                        db.QueryInt("PRAGMA page_count"));
  TUCO_ASSIGN_OR_RETURN(const std::int64_t free,
                        db.QueryInt("PRAGMA freelist_count"));
  TUCO_ASSIGN_OR_RETURN(const std::int64_t page_bytes,
                        db.QueryInt("PRAGMA page_size"));
  return static_cast<std::uint64_t>((pages - free) * page_bytes);
}

}  // namespace

absl::StatusOr<Timestamp> ReadDedupHorizon(SqliteDb& db) {
  TUCO_ASSIGN_OR_RETURN(const std::optional<std::int64_t> horizon,
                        ReadMeta(db, kDedupHorizonKey));
  TUCO_ASSIGN_OR_RETURN(const std::optional<std::int64_t> forgotten,
                        ReadMeta(db, kForgottenKeysKey));
  if (horizon.has_value() != forgotten.has_value()) {
    return absl::DataLossError(absl::StrCat(
        "table meta has one of `", ToAbsl(kDedupHorizonKey), "` and `",
        ToAbsl(kForgottenKeysKey), "`, expected were both or none"));
  }
  return horizon.has_value() ? Timestamp(std::chrono::microseconds(*horizon))
                             : Timestamp::min();
}

absl::StatusOr<ForgottenKeys> FindOldKeys(SqliteDb& db,
                                          const ForgetRequest& request,
                                          Timestamp& horizon) {
  const std::int64_t before = Microseconds(request.before);
  const std::int64_t now = Microseconds(request.now);
  TUCO_ASSIGN_OR_RETURN(
      SqliteStatement select,
      db.Prepare(
          KeySelect("WHERE sequence > ? AND "
                    "sequence < (SELECT max(sequence) FROM duplicate_keys) "
                    "ORDER BY sequence LIMIT ?")));
  select.BindInt(1, static_cast<std::int64_t>(request.after));
  select.BindInt(2, static_cast<std::int64_t>(request.rows_max));
  ForgottenKeys found;
  found.scanned_through = request.after;
  std::size_t rows = 0;
  while (true) {
    TUCO_ASSIGN_OR_RETURN(const bool row, select.Step());
    if (!row) break;
    TUCO_ASSIGN_OR_RETURN(const KeyColumns key, KeyAt(select));
    const bool recent =
        key.received_at_us >= before && key.received_at_us <= now;
    if (recent) {
      found.end = true;
      return found;
    }
    ++rows;
    found.scanned_through = key.sequence;
    if (!IsOld(key, before)) continue;
    horizon = std::max(
        horizon, Timestamp(std::chrono::microseconds(key.occurred_at_us)));
    found.keys.emplace_back(key.key, key.sequence);
  }
  found.end = rows < request.rows_max;
  return found;
}

absl::Status DeleteKeys(SqliteDb& db, const ForgottenKeys& keys,
                        Timestamp horizon) {
  TUCO_ASSIGN_OR_RETURN(
      SqliteStatement remove,
      db.Prepare("DELETE FROM duplicate_keys WHERE sequence = ?"));
  for (const auto& [key, sequence] : keys.keys) {
    remove.BindInt(1, static_cast<std::int64_t>(sequence));
    TUCO_RETURN_IF_ERROR(remove.Run());
  }
  TUCO_ASSIGN_OR_RETURN(const std::optional<std::int64_t> before,
                        ReadMeta(db, kForgottenKeysKey));
  const auto forgotten = static_cast<std::int64_t>(keys.keys.size());
  TUCO_RETURN_IF_ERROR(
      WriteMeta(db, kForgottenKeysKey, before.value_or(0) + forgotten));
  return WriteMeta(db, kDedupHorizonKey, Microseconds(horizon));
}

absl::StatusOr<OldRecords> FindOldRecords(SqliteDb& db,
                                          const RemoveRequest& request,
                                          std::uint64_t removed_through) {
  bool large = false;
  if (request.bytes_max.has_value()) {
    TUCO_ASSIGN_OR_RETURN(const std::uint64_t bytes, UsedBytes(db));
    large = bytes > *request.bytes_max;
  }
  const std::int64_t before = request.recorded_before.has_value()
                                  ? Microseconds(*request.recorded_before)
                                  : INT64_MIN;
  TUCO_ASSIGN_OR_RETURN(
      SqliteStatement select,
      db.Prepare("SELECT sequence, recorded_at_us FROM events "
                 "WHERE sequence > ? AND "
                 "sequence < (SELECT max(sequence) FROM events) "
                 "ORDER BY sequence LIMIT ?"));
  select.BindInt(1, static_cast<std::int64_t>(removed_through));
  select.BindInt(2, static_cast<std::int64_t>(request.rows_max));
  OldRecords found;
  found.through = removed_through;
  while (true) {
    TUCO_ASSIGN_OR_RETURN(const bool row, select.Step());
    if (!row) break;
    if (!large && select.Int(1) >= before) {
      found.end = true;
      return found;
    }
    ++found.count;
    found.through = static_cast<std::uint64_t>(select.Int(0));
  }
  found.end = found.count < request.rows_max;
  return found;
}

absl::Status DeleteRecords(SqliteDb& db, std::uint64_t through) {
  TUCO_ASSIGN_OR_RETURN(SqliteStatement remove,
                        db.Prepare("DELETE FROM events WHERE sequence <= ?"));
  remove.BindInt(1, static_cast<std::int64_t>(through));
  TUCO_RETURN_IF_ERROR(remove.Run());
  return WriteMeta(db, kRemovedThroughKey, static_cast<std::int64_t>(through));
}

}  // namespace tuco::log

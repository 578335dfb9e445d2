#include "server/log/sqlite_key_repair.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/strings/str_cat.h"
#include "server/base/status_macros.h"
#include "server/log/record.h"
#include "server/log/sqlite_meta.h"
#include "server/log/sqlite_rows.h"
#include "server/log/sqlite_schema.h"
#include "tuco/event_id.h"
#include "tuco/strings.h"

namespace tuco::log {
namespace {

// How much later than it was recorded a delivery may have been signed, since
// clocks differ. One that was signed for later still is not covered.
constexpr std::chrono::minutes kSignedAhead{5};

std::int64_t ToSql(std::uint64_t number) {
  return static_cast<std::int64_t>(number);
}

std::int64_t Microseconds(Timestamp time) {
  return time.time_since_epoch().count();
}

// What a visitor makes of the row at hand: whether it was legible.
using RowVisitor =
    absl::FunctionRef<absl::StatusOr<bool>(const SqliteStatement& row)>;

// Hands the rows with a sequence in `range` to `visit`, in order and, where the
// structure of the table is damaged on the way, from the end back to there.
// `select` ends before its WHERE and has the sequence for its first column.
absl::Status VisitRows(SqliteDb& db, std::string_view select, const Gap& range,
                       RowVisitor visit) {
  std::uint64_t reached = 0;
  for (const bool backwards : {false, true}) {
    TUCO_ASSIGN_OR_RETURN(
        SqliteStatement rows,
        db.Prepare(
            Concat({select, "WHERE sequence BETWEEN ? AND ? ORDER BY sequence",
                    backwards ? " DESC" : ""})));
    rows.BindInt(1, ToSql(range.from));
    rows.BindInt(2, ToSql(range.to));
    while (true) {
      const absl::StatusOr<bool> found = rows.Step();
      if (!found.ok() && !db.structure_damaged()) return found.status();
      if (!found.ok() || !*found) break;
      const auto sequence = static_cast<std::uint64_t>(rows.Int(0));
      if (backwards && sequence <= reached) break;
      TUCO_ASSIGN_OR_RETURN(const bool legible, visit(rows));
      if (legible && !backwards) reached = std::max(reached, sequence);
    }
  }
  return absl::OkStatus();
}

class KeyTableRepair {
 public:
  KeyTableRepair(SqliteDb& old, SqliteDb& db, Timestamp now,
                 LogPosition& position)
      : old_(old), db_(db), now_(now), position_(position) {}

  absl::StatusOr<KeyRepair> Run() {
    TUCO_RETURN_IF_ERROR(SetTableAside());
    TUCO_ASSIGN_OR_RETURN(insert_, db_.Prepare(KeyInsertIfAbsent()));
    TUCO_RETURN_IF_ERROR(CopyLegible());
    TUCO_ASSIGN_OR_RETURN(const std::vector<Gap> holes, FindHoles());
    for (const Gap& hole : holes) TUCO_RETURN_IF_ERROR(FillHole(hole));
    return Settle();
  }

 private:
  // Puts an empty table in the place of the old one.
  absl::Status SetTableAside() {
    std::string name;
    std::int64_t taken = 1;
    for (int number = 1; taken != 0; ++number) {
      name = absl::StrCat("duplicate_keys_damaged_", number);
      TUCO_ASSIGN_OR_RETURN(
          taken, db_.QueryInt(absl::StrCat("SELECT count(*) FROM sqlite_master "
                                           "WHERE name = '",
                                           name, "'")));
    }
    TUCO_RETURN_IF_ERROR(db_.Execute(
        absl::StrCat("ALTER TABLE duplicate_keys RENAME TO ", name).c_str()));
    return db_.Execute(KeyTable().c_str());
  }

  absl::Status CopyLegible() {
    return VisitRows(
        old_, KeySelect(""), {.from = 0, .to = INT64_MAX},
        [this](const SqliteStatement& row) -> absl::StatusOr<bool> {
          const absl::StatusOr<KeyColumns> key = KeyAt(row);
          if (!key.ok()) return false;
          // The key of a record that a gap tells is lost would make a copy of
          // it a duplicate of nothing.
          if (!WasGiven(key->sequence)) return true;
          TUCO_RETURN_IF_ERROR(Insert(*key));
          return true;
        });
  }

  bool WasGiven(std::uint64_t sequence) const {
    return sequence > 0 && sequence <= position_.head &&
           std::none_of(position_.gaps.begin(), position_.gaps.end(),
                        [sequence](const Gap& gap) {
                          return gap.from <= sequence && sequence <= gap.to;
                        });
  }

  absl::Status Insert(const KeyColumns& key) {
    BindKey(key, insert_);
    return insert_.Run();
  }

  // The sequences that were given and have no key, in ascending order.
  absl::StatusOr<std::vector<Gap>> FindHoles() {
    std::vector<Gap> holes;
    std::uint64_t next = 1;
    auto gap = position_.gaps.begin();
    const auto add_before = [&](std::uint64_t end) {
      for (; gap != position_.gaps.end() && gap->from < end; ++gap) {
        if (next < gap->from) holes.push_back({next, gap->from - 1});
        next = std::max(next, gap->to + 1);
      }
      if (next < end) holes.push_back({next, end - 1});
      next = end + 1;
    };
    TUCO_ASSIGN_OR_RETURN(SqliteStatement keys,
                          db_.Prepare("SELECT sequence FROM duplicate_keys "
                                      "ORDER BY sequence"));
    while (true) {
      TUCO_ASSIGN_OR_RETURN(const bool found, keys.Step());
      if (!found) break;
      add_before(static_cast<std::uint64_t>(keys.Int(0)));
    }
    add_before(position_.head + 1);
    return holes;
  }

  // Makes the keys of `hole` whose records are there, but for those that the
  // horizon covers.
  absl::Status FillHole(const Gap& hole) {
    const std::uint64_t missing = hole.to - hole.from + 1;
    std::uint64_t legible = 0;
    missing_ += missing;
    const auto restore =
        [&](const SqliteStatement& row) -> absl::StatusOr<bool> {
      const absl::StatusOr<RecordColumns> record = EventAt(row);
      if (!record.ok()) return false;
      TUCO_ASSIGN_OR_RETURN(const bool usable, Restore(*record));
      if (usable) ++legible;
      return usable;
    };
    TUCO_RETURN_IF_ERROR(VisitRows(old_, EventSelect(""), hole, restore));
    if (legible == missing) return absl::OkStatus();
    unknown_ += missing - legible;
    unknown_through_ = hole.to;
    return absl::OkStatus();
  }

  // Makes the key of `record` unless the horizon covers it. Whether that can be
  // done.
  absl::StatusOr<bool> Restore(const RecordColumns& record) {
    if (IsCovered(record)) return true;
    const KeyColumns key = KeyOf(record);
    if (!HasId(record, key.key)) return false;
    TUCO_RETURN_IF_ERROR(Insert(key));
    ++(CanBeForgotten(record) ? restored_in_doubt_ : restored_);
    return true;
  }

  // Whether a replay is told by its time, so that the key may be as forgotten
  // as it seems.
  bool IsCovered(const RecordColumns& record) const {
    return CanBeForgotten(record) &&
           record.received_at_us <= Microseconds(position_.dedup_horizon);
  }
  bool CanBeForgotten(const RecordColumns& record) const {
    return record.occurred_at_us != RecordColumns::kNoTime &&
           record.occurred_at_us <= Microseconds(position_.dedup_horizon);
  }

  static KeyColumns KeyOf(const RecordColumns& record) {
    return {.sequence = record.sequence,
            .key = DuplicateKey(record.endpoint, record.body),
            .received_at_us = record.received_at_us,
            .occurred_at_us = record.occurred_at_us};
  }
  static bool HasId(const RecordColumns& record, const Digest& key) {
    return record.event_id ==
           std::string_view(reinterpret_cast<const char*>(key.data()),
                            kEventIdBytes);
  }

  // Counts what cannot be known any more, and brings table meta up to date.
  absl::StatusOr<KeyRepair> Settle() {
    TUCO_ASSIGN_OR_RETURN(const std::optional<std::int64_t> forgotten,
                          ReadMeta(db_, kForgottenKeysKey));
    // Of those that have no key and no legible record, at most so many.
    const std::int64_t lost =
        ToSql(missing_ - restored_) - forgotten.value_or(0);
    const std::uint64_t given_up = std::min(
        static_cast<std::uint64_t>(std::max<std::int64_t>(lost, 0)), unknown_);
    if (given_up > 0) TUCO_RETURN_IF_ERROR(RaiseHorizon());
    const std::uint64_t left = missing_ - restored_ - restored_in_doubt_;
    if (left > 0 || forgotten.has_value()) {
      TUCO_RETURN_IF_ERROR(WriteMeta(db_, kForgottenKeysKey, ToSql(left)));
      TUCO_RETURN_IF_ERROR(WriteMeta(db_, kDedupHorizonKey,
                                     Microseconds(position_.dedup_horizon)));
    }
    return KeyRepair{.restored = restored_ + restored_in_doubt_,
                     .given_up = given_up};
  }

  // Above whatever may have been signed of what is not known.
  absl::Status RaiseHorizon() {
    TUCO_ASSIGN_OR_RETURN(const Timestamp recorded,
                          RecordedAfter(unknown_through_));
    position_.dedup_horizon =
        std::max(position_.dedup_horizon, recorded + kSignedAhead);
    position_.untimed_in_doubt = true;
    return WriteMeta(db_, kUntimedInDoubtKey, 1);
  }

  // When the first legible record behind `sequence` was recorded; now, without
  // one.
  absl::StatusOr<Timestamp> RecordedAfter(std::uint64_t sequence) {
    TUCO_ASSIGN_OR_RETURN(
        SqliteStatement behind,
        old_.Prepare(EventSelect("WHERE sequence > ? ORDER BY sequence")));
    behind.BindInt(1, ToSql(sequence));
    while (true) {
      const absl::StatusOr<bool> found = behind.Step();
      if (!found.ok() && !old_.structure_damaged()) return found.status();
      if (!found.ok() || !*found) break;
      const absl::StatusOr<RecordColumns> record = EventAt(behind);
      if (!record.ok()) continue;
      return Timestamp(std::chrono::microseconds(record->recorded_at_us));
    }
    return std::max(now_, position_.recorded_at);
  }

  SqliteDb& old_;
  SqliteDb& db_;
  const Timestamp now_;
  LogPosition& position_;
  SqliteStatement insert_;

  std::uint64_t missing_ = 0;   // Sequences that were given and had no key.
  std::uint64_t restored_ = 0;  // Of these, what was never forgotten,
  std::uint64_t restored_in_doubt_ = 0;  // and what may have been.
  std::uint64_t unknown_ = 0;            // And what has no legible record.
  std::uint64_t unknown_through_ = 0;    // The last of these, or behind it.
};

}  // namespace

absl::StatusOr<KeyRepair> RepairKeyTable(SqliteDb& old, SqliteDb& db,
                                         Timestamp now, LogPosition& position) {
  return KeyTableRepair(old, db, now, position).Run();
}

}  // namespace tuco::log

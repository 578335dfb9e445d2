#include "server/log/sqlite_quarantine.h"

#include <algorithm>
#include <chrono>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/base/status_macros.h"
#include "tuco/record_layout.h"
#include "tuco/strings.h"

namespace tuco::log {
namespace {

constexpr int kColumnCount = 15;

std::int64_t Microseconds(Timestamp time) {
  return time.time_since_epoch().count();
}

std::int64_t Microseconds(const std::optional<Timestamp>& time) {
  return time.has_value() ? Microseconds(*time) : RecordColumns::kNoTime;
}

std::optional<Timestamp> TimeOf(std::int64_t microseconds) {
  if (microseconds == RecordColumns::kNoTime) return std::nullopt;
  return Timestamp(std::chrono::microseconds(microseconds));
}

// Views into `entry`.
QuarantineColumns ColumnsOf(const QuarantineEntry& entry) {
  QuarantineColumns columns;
  columns.id = entry.id;
  columns.verified = entry.verified ? 1 : 0;
  columns.state = static_cast<std::int64_t>(entry.state);
  columns.held_back = entry.held_back ? 1 : 0;
  columns.endpoint = entry.endpoint;
  columns.source = entry.source;
  columns.reason = entry.reason;
  columns.received_at_us = Microseconds(entry.received_at);
  columns.dedup_horizon_us = Microseconds(entry.dedup_horizon);
  columns.headers = entry.headers;
  columns.body_bytes = entry.body_bytes;
  if (entry.body.has_value()) columns.body = *entry.body;
  columns.sequence = entry.sequence;
  columns.settled_at_us = Microseconds(entry.settled_at);
  return columns;
}

void BindTime(int parameter, std::int64_t microseconds,
              SqliteStatement& statement) {
  if (microseconds == RecordColumns::kNoTime) {
    statement.BindNull(parameter);
  } else {
    statement.BindInt(parameter, microseconds);
  }
}

void Bind(const QuarantineColumns& columns, SqliteStatement& insert) {
  int at = 0;
  insert.BindInt(++at, static_cast<std::int64_t>(columns.id));
  insert.BindInt(++at, columns.verified);
  insert.BindInt(++at, columns.state);
  insert.BindInt(++at, columns.held_back);
  insert.BindText(++at, columns.endpoint);
  insert.BindText(++at, columns.source);
  insert.BindInt(++at, columns.reason);
  insert.BindInt(++at, columns.received_at_us);
  BindTime(++at, columns.dedup_horizon_us, insert);
  insert.BindBlob(++at, columns.headers);
  insert.BindInt(++at, static_cast<std::int64_t>(columns.body_bytes));
  insert.BindBlob(++at, columns.body);
  if (columns.sequence == 0) {
    insert.BindNull(++at);
  } else {
    insert.BindInt(++at, static_cast<std::int64_t>(columns.sequence));
  }
  BindTime(++at, columns.settled_at_us, insert);
  insert.BindInt(++at, QuarantineCrc(columns));
}

std::int64_t TimeAt(const SqliteStatement& select, int column) {
  return select.IsNull(column) ? RecordColumns::kNoTime : select.Int(column);
}

// The row at hand; views that are valid until the statement's next step.
absl::StatusOr<QuarantineColumns> RowAt(const SqliteStatement& select) {
  QuarantineColumns columns;
  int at = 0;
  columns.id = static_cast<std::uint64_t>(select.Int(at++));
  columns.verified = select.Int(at++);
  columns.state = select.Int(at++);
  columns.held_back = select.Int(at++);
  columns.endpoint = select.Bytes(at++);
  columns.source = select.Bytes(at++);
  columns.reason = select.Int(at++);
  columns.received_at_us = select.Int(at++);
  columns.dedup_horizon_us = TimeAt(select, at++);
  columns.headers = select.Bytes(at++);
  columns.body_bytes = static_cast<std::uint64_t>(select.Int(at++));
  columns.body = select.Bytes(at++);
  columns.sequence = static_cast<std::uint64_t>(select.Int(at++));
  columns.settled_at_us = TimeAt(select, at++);
  if (select.Int(at) != QuarantineCrc(columns)) {
    return absl::DataLossError(
        absl::StrCat("quarantined delivery ", columns.id,
                     " is damaged: its row in table quarantine does not fit "
                     "its checksum"));
  }
  return columns;
}

QuarantineEntry ToEntry(const QuarantineColumns& columns, bool body) {
  QuarantineEntry entry;
  entry.id = columns.id;
  entry.verified = columns.verified != 0;
  entry.state = static_cast<QuarantineState>(columns.state);
  entry.held_back = columns.held_back != 0;
  entry.endpoint = columns.endpoint;
  entry.source = columns.source;
  entry.reason = static_cast<std::uint32_t>(columns.reason);
  entry.received_at =
      Timestamp(std::chrono::microseconds(columns.received_at_us));
  entry.dedup_horizon = TimeOf(columns.dedup_horizon_us);
  entry.headers = columns.headers;
  entry.body_bytes = columns.body_bytes;
  if (body && columns.body.data() != nullptr) {
    entry.body = std::string(columns.body);
  }
  entry.sequence = columns.sequence;
  entry.settled_at = TimeOf(columns.settled_at_us);
  return entry;
}

std::string Select(const char* condition) {
  return Concat(
      {"SELECT ", kQuarantineColumns, " FROM quarantine ", condition});
}

}  // namespace

absl::StatusOr<std::unique_ptr<SqliteQuarantine>> SqliteQuarantine::Open(
    SqliteDb& db) {
  std::unique_ptr<SqliteQuarantine> quarantine(new SqliteQuarantine(db));
  std::string parameters = "?";
  for (int i = 1; i < kColumnCount; ++i) parameters += ", ?";
  TUCO_ASSIGN_OR_RETURN(
      quarantine->insert_,
      db.Prepare(Concat({"INSERT OR REPLACE INTO quarantine (",
                         kQuarantineColumns, ") VALUES (", parameters, ")"})));
  TUCO_ASSIGN_OR_RETURN(quarantine->select_,
                        db.Prepare(Select("WHERE id = ?")));
  TUCO_ASSIGN_OR_RETURN(quarantine->remove_,
                        db.Prepare("DELETE FROM quarantine WHERE id = ?"));
  return quarantine;
}

absl::StatusOr<std::uint64_t> SqliteQuarantine::NewestId() {
  TUCO_ASSIGN_OR_RETURN(const std::int64_t used,
                        db_.QueryInt("SELECT seq FROM sqlite_sequence "
                                     "WHERE name = 'quarantine'"));
  TUCO_ASSIGN_OR_RETURN(const std::int64_t newest,
                        db_.QueryInt("SELECT max(id) FROM quarantine"));
  return static_cast<std::uint64_t>(std::max(used, newest));
}

absl::Status SqliteQuarantine::Insert(const QuarantineEntry& entry) {
  Bind(ColumnsOf(entry), insert_);
  return insert_.Run();
}

absl::StatusOr<QuarantineEntry> SqliteQuarantine::EntryOf(std::uint64_t id) {
  const StatementReset reset(select_);
  select_.BindInt(1, static_cast<std::int64_t>(id));
  TUCO_ASSIGN_OR_RETURN(const bool found, select_.Step());
  if (!found) {
    return absl::NotFoundError(
        absl::StrCat("there is no quarantined delivery ", id));
  }
  TUCO_ASSIGN_OR_RETURN(const QuarantineColumns columns, RowAt(select_));
  return ToEntry(columns, /*body=*/true);
}

absl::Status SqliteQuarantine::Update(const QuarantineUpdate& update) {
  TUCO_ASSIGN_OR_RETURN(QuarantineEntry entry, EntryOf(update.id));
  if (entry.state != QuarantineState::kHeld) {
    return absl::FailedPreconditionError(absl::StrCat(
        "quarantined delivery ", update.id, " is not held any more"));
  }
  entry.state = update.state;
  entry.held_back = update.held_back;
  entry.sequence = update.sequence;
  entry.settled_at = update.settled_at;
  if (entry.state != QuarantineState::kHeld) entry.body.reset();
  return Insert(entry);
}

absl::Status SqliteQuarantine::Remove(std::uint64_t id) {
  remove_.BindInt(1, static_cast<std::int64_t>(id));
  return remove_.Run();
}

absl::StatusOr<std::uint64_t> ReadQuarantineRows(
    SqliteDb& db, const QuarantineRequest& request,
    const QuarantineVisitor& visit) {
  TUCO_ASSIGN_OR_RETURN(SqliteStatement select,
                        db.Prepare(Select("WHERE id > ? ORDER BY id LIMIT ?")));
  select.BindInt(1, static_cast<std::int64_t>(request.after));
  select.BindInt(
      2, static_cast<std::int64_t>(std::min<std::size_t>(
             request.entries_max, std::numeric_limits<std::int64_t>::max())));
  std::uint64_t last = request.after;
  while (true) {
    TUCO_ASSIGN_OR_RETURN(const bool found, select.Step());
    if (!found) return last;
    TUCO_ASSIGN_OR_RETURN(const QuarantineColumns columns, RowAt(select));
    visit(ToEntry(columns, request.bodies));
    last = columns.id;
  }
}

}  // namespace tuco::log

#include "server/log/sqlite_rows.h"

#include <algorithm>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "tuco/strings.h"

namespace tuco::log {
namespace {

constexpr int kEventColumnCount = 20;
constexpr int kCrcColumn = kEventColumnCount - 1;
static_assert(std::count(kEventColumns.begin(), kEventColumns.end(), ',') ==
              kEventColumnCount - 1);

std::int64_t ToSql(std::uint64_t number) {
  return static_cast<std::int64_t>(number);
}

std::uint64_t FromSql(std::int64_t number) {
  return static_cast<std::uint64_t>(number);
}

void BindTime(int parameter, std::int64_t microseconds,
              SqliteStatement& insert) {
  if (microseconds == RecordColumns::kNoTime) {
    insert.BindNull(parameter);
  } else {
    insert.BindInt(parameter, microseconds);
  }
}

constexpr char kKeyParameters[] =
    "INTO duplicate_keys (sequence, key, received_at_us, occurred_at_us, crc) "
    "VALUES (?, ?, ?, ?, ?)";

absl::Status Damaged(const char* table, std::uint64_t sequence) {
  return absl::DataLossError(absl::StrCat("record ", sequence,
                                          " is damaged: its row in table ",
                                          table, " does not fit its checksum"));
}

}  // namespace

std::string EventInsert() {
  std::string parameters = "?";
  for (int i = 1; i < kEventColumnCount; ++i) parameters += ", ?";
  return Concat(
      {"INSERT INTO events (", kEventColumns, ") VALUES (", parameters, ")"});
}

std::string KeyInsert() { return Concat({"INSERT ", kKeyParameters}); }

std::string KeyInsertIfAbsent() {
  return Concat({"INSERT OR IGNORE ", kKeyParameters});
}

void BindEvent(const RecordColumns& columns, SqliteStatement& insert) {
  int at = 0;
  insert.BindInt(++at, ToSql(columns.sequence));
  insert.BindInt(++at, ToSql(columns.epoch));
  insert.BindBlob(++at, columns.event_id);
  for (const std::string_view text :
       {columns.endpoint, columns.type_name, columns.workspace_id,
        columns.line_id, columns.campaign_id, columns.message_id,
        columns.lead_id, columns.phone}) {
    insert.BindText(++at, text);
  }
  BindTime(++at, columns.occurred_at_us, insert);
  insert.BindInt(++at, columns.received_at_us);
  insert.BindInt(++at, columns.recorded_at_us);
  insert.BindInt(++at, columns.flags);
  insert.BindBlob(++at, columns.event);
  insert.BindBlob(++at, columns.body);
  insert.BindBlob(++at, columns.signature);
  if (columns.suspected_duplicate_of == 0) {
    insert.BindNull(++at);
  } else {
    insert.BindInt(++at, ToSql(columns.suspected_duplicate_of));
  }
  insert.BindInt(++at, RecordCrc(columns));
}

void BindKey(const KeyColumns& columns, SqliteStatement& insert) {
  const Digest& key = columns.key;
  insert.BindInt(1, ToSql(columns.sequence));
  insert.BindBlob(2, {reinterpret_cast<const char*>(key.data()), key.size()});
  BindTime(3, columns.received_at_us, insert);
  BindTime(4, columns.occurred_at_us, insert);
  insert.BindInt(5, DuplicateKeyCrc(columns));
}

std::string EventSelect(const char* condition) {
  return Concat({"SELECT ", kEventColumns, " FROM events ", condition});
}

absl::StatusOr<RecordColumns> EventAt(const SqliteStatement& select) {
  RecordColumns columns;
  int at = 0;
  columns.sequence = FromSql(select.Int(at++));
  columns.epoch = FromSql(select.Int(at++));
  for (std::string_view* const bytes :
       {&columns.event_id, &columns.endpoint, &columns.type_name,
        &columns.workspace_id, &columns.line_id, &columns.campaign_id,
        &columns.message_id, &columns.lead_id, &columns.phone}) {
    *bytes = select.Bytes(at++);
  }
  if (!select.IsNull(at)) columns.occurred_at_us = select.Int(at);
  ++at;
  columns.received_at_us = select.Int(at++);
  columns.recorded_at_us = select.Int(at++);
  const std::int64_t flags = select.Int(at++);
  columns.flags = static_cast<std::uint32_t>(flags);
  columns.event = select.Bytes(at++);
  columns.body = select.Bytes(at++);
  columns.signature = select.Bytes(at++);
  columns.suspected_duplicate_of = FromSql(select.Int(at++));
  if (flags != columns.flags || select.Int(kCrcColumn) != RecordCrc(columns)) {
    return Damaged("events", columns.sequence);
  }
  return columns;
}

std::string KeySelect(const char* condition) {
  return Concat(
      {"SELECT sequence, key, received_at_us, occurred_at_us, crc "
       "FROM duplicate_keys ",
       condition});
}

absl::StatusOr<KeyColumns> KeyAt(const SqliteStatement& select) {
  KeyColumns columns;
  columns.sequence = FromSql(select.Int(0));
  const std::string_view key = select.Bytes(1);
  if (key.size() != columns.key.size()) {
    return Damaged("duplicate_keys", columns.sequence);
  }
  std::memcpy(columns.key.data(), key.data(), key.size());
  if (!select.IsNull(2)) columns.received_at_us = select.Int(2);
  if (!select.IsNull(3)) columns.occurred_at_us = select.Int(3);
  if (select.Int(4) != DuplicateKeyCrc(columns)) {
    return Damaged("duplicate_keys", columns.sequence);
  }
  return columns;
}

}  // namespace tuco::log

#include "_core/log/position.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "tuco/record_layout.h"
#include "tuco/strings.h"

namespace tuco::python::log {
namespace {

// The first versions that have these.
constexpr std::int64_t kVersionWithEpochs = 2;
constexpr std::int64_t kVersionWithMeta = 3;

// SQLite's integers have a sign.
constexpr std::uint64_t kSequenceMax = INT64_MAX;

constexpr std::string_view kRemovedThrough = "removed_through";

std::uint64_t FromSql(std::int64_t number) {
  return static_cast<std::uint64_t>(number);
}

// Whether `status` is the end of reading. If not, it is OK or damage, which is
// noted.
bool Ends(const absl::Status& status, std::string_view table,
          std::vector<Damage>& damages) {
  if (status.ok()) return false;
  if (!absl::IsDataLoss(status)) return true;
  damages.push_back({.what = Concat({"table ", table, " cannot be read: ",
                                     FromAbsl(status.message())})});
  return false;
}

// A value of a row of `meta` that fits its checksum; 0 without one.
absl::Status ReadRemovedThrough(Database& database, std::uint64_t& removed,
                                std::vector<Damage>& damages) {
  absl::StatusOr<Statement> select =
      database.Prepare("SELECT value, crc FROM meta WHERE key = ?");
  if (!select.ok()) return select.status();
  select->Bind(1, kRemovedThrough);
  const absl::StatusOr<bool> found = select->Step();
  if (!found.ok()) return found.status();
  if (!*found) return absl::OkStatus();
  const std::int64_t value = select->Int(0);
  if (value < 0 || select->Int(1) != MetaCrc(kRemovedThrough, value)) {
    damages.push_back({.what = "the row removed_through in table meta does "
                               "not fit its checksum"});
    return absl::OkStatus();
  }
  removed = FromSql(value);
  return absl::OkStatus();
}

absl::Status ReadGaps(Database& database, Position& position) {
  absl::StatusOr<Statement> select = database.Prepare(
      "SELECT epoch, first_sequence, lost_after, began_at_us, crc FROM epochs "
      "ORDER BY first_sequence");
  if (!select.ok()) return select.status();
  while (true) {
    const absl::StatusOr<bool> found = select->Step();
    if (!found.ok()) return found.status();
    if (!*found) return absl::OkStatus();
    const std::uint64_t epoch = FromSql(select->Int(0));
    const std::uint64_t first = FromSql(select->Int(1));
    const std::uint64_t lost_after = FromSql(select->Int(2));
    if (first <= lost_after || first > kSequenceMax ||
        select->Int(4) != EpochCrc(epoch, first, lost_after, select->Int(3))) {
      position.damages.push_back(
          {.what = Concat({"the row of epoch ", std::to_string(epoch),
                           " in table epochs does not fit its checksum"})});
      continue;
    }
    if (lost_after + 1 < first) {
      position.gaps.push_back({.from = lost_after + 1, .to = first - 1});
    }
    position.head = std::max(position.head, first - 1);
  }
}

// The newest key outlives its record. Damaged keys are the server's concern: no
// event is read from them.
absl::StatusOr<std::uint64_t> NewestKey(Database& database,
                                        std::int64_t version) {
  const char* const times = version < kVersionWithMeta
                                ? "NULL, NULL"
                                : "received_at_us, occurred_at_us";
  absl::StatusOr<Statement> keys = database.Prepare(
      Concat({"SELECT sequence, key, ", times,
              ", crc FROM duplicate_keys ORDER BY sequence DESC"}));
  if (!keys.ok()) return keys.status();
  while (true) {
    const absl::StatusOr<bool> found = keys->Step();
    if (!found.ok()) return found.status();
    if (!*found) return 0;
    KeyColumns columns;
    columns.sequence = FromSql(keys->Int(0));
    const std::string_view key = keys->Bytes(1);
    if (key.size() != columns.key.size()) continue;
    std::copy(key.begin(), key.end(), columns.key.begin());
    if (!keys->IsNull(2)) columns.received_at_us = keys->Int(2);
    if (!keys->IsNull(3)) columns.occurred_at_us = keys->Int(3);
    if (keys->Int(4) == DuplicateKeyCrc(columns)) return columns.sequence;
  }
}

// The newest record that fits its checksum. One that does not may say anything
// of its sequence, and those that say more than the head are noted.
absl::StatusOr<std::uint64_t> NewestRecord(Database& database,
                                           std::int64_t version,
                                           std::vector<std::uint64_t>& unfit) {
  absl::StatusOr<Statement> rows = database.Prepare(
      Concat({"SELECT ", RowColumns(version),
              " FROM events ORDER BY sequence DESC LIMIT 1000"}));
  if (!rows.ok()) return rows.status();
  while (true) {
    const absl::StatusOr<bool> found = rows->Step();
    if (!found.ok()) return found.status();
    if (!*found && unfit.empty()) return 0;
    if (!*found) return absl::DataLossError("no record fits its checksum");
    const Row row = RowAt(*rows);
    if (row.fits) return row.columns.sequence;
    unfit.push_back(row.columns.sequence);
  }
}

void NoteUnfit(const std::vector<std::uint64_t>& sequences,
               Position& position) {
  if (!position.head_known) return;  // The scan comes to them.
  for (const std::uint64_t sequence : sequences) {
    if (sequence <= position.head) continue;
    position.damages_at_end.push_back(
        {.what = Concat({"a row at the end of table events, which says that "
                         "it is record ",
                         std::to_string(sequence),
                         ", does not fit its checksum"})});
  }
}

absl::Status ReadHead(Database& database, std::int64_t version,
                      Position& position) {
  std::vector<std::uint64_t> unfit;
  const absl::StatusOr<std::uint64_t> newest =
      NewestRecord(database, version, unfit);
  if (!newest.ok() && !absl::IsDataLoss(newest.status())) {
    return newest.status();
  }
  const absl::StatusOr<std::uint64_t> newest_key = NewestKey(database, version);
  if (!newest_key.ok() && !absl::IsDataLoss(newest_key.status())) {
    return newest_key.status();
  }
  position.head_known = newest.ok();
  position.head = std::max({position.head, position.first - 1,
                            newest.value_or(0), newest_key.value_or(0)});
  NoteUnfit(unfit, position);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::uint64_t> ReadFirst(Database& database,
                                        std::int64_t version,
                                        std::vector<Damage>& damages) {
  std::uint64_t removed = 0;
  if (version >= kVersionWithMeta) {
    absl::Status read = ReadRemovedThrough(database, removed, damages);
    if (Ends(read, "meta", damages)) return read;
  }
  return removed + 1;
}

absl::StatusOr<Position> ReadPosition(Database& database,
                                      std::int64_t version) {
  Position position;
  absl::StatusOr<std::uint64_t> first =
      ReadFirst(database, version, position.damages);
  if (!first.ok()) return first.status();
  position.first = *first;
  if (version >= kVersionWithEpochs) {
    absl::Status read = ReadGaps(database, position);
    if (Ends(read, "epochs", position.damages)) return read;
  }
  absl::Status read = ReadHead(database, version, position);
  if (!read.ok()) return read;
  return position;
}

}  // namespace tuco::python::log

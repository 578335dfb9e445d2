#include "server/log/sqlite_schema.h"

#include "tuco/strings.h"

namespace tuco::log {
namespace {

constexpr char kEventTable[] = R"(
CREATE TABLE events (
  sequence INTEGER PRIMARY KEY,
  epoch INTEGER NOT NULL,
  event_id BLOB NOT NULL,
  endpoint TEXT NOT NULL,
  type_name TEXT NOT NULL,
  workspace_id TEXT,
  line_id TEXT,
  campaign_id TEXT,
  message_id TEXT,
  lead_id TEXT,
  phone TEXT,
  occurred_at_us INTEGER,
  received_at_us INTEGER NOT NULL,
  recorded_at_us INTEGER NOT NULL,
  flags INTEGER NOT NULL,
  event BLOB NOT NULL,
  body BLOB NOT NULL,
  signature BLOB NOT NULL,
  suspected_duplicate_of INTEGER,
  crc INTEGER NOT NULL
) STRICT;
)";

constexpr char kKeyTable[] = R"(
CREATE TABLE duplicate_keys (
  sequence INTEGER PRIMARY KEY,
  key BLOB NOT NULL,
  crc INTEGER NOT NULL,
  received_at_us INTEGER,
  occurred_at_us INTEGER
) STRICT;
)";

constexpr char kEpochTable[] = R"(
CREATE TABLE epochs (
  epoch INTEGER PRIMARY KEY,
  first_sequence INTEGER NOT NULL,
  lost_after INTEGER NOT NULL,
  began_at_us INTEGER NOT NULL,
  crc INTEGER NOT NULL
) STRICT;
)";

// As they came with version 3.
constexpr char kKeptTables[] = R"(
CREATE TABLE quarantine (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  verified INTEGER NOT NULL,
  state INTEGER NOT NULL,
  held_back INTEGER NOT NULL,
  endpoint TEXT NOT NULL,
  source TEXT NOT NULL,
  reason INTEGER NOT NULL,
  received_at_us INTEGER NOT NULL,
  dedup_horizon_us INTEGER,
  headers BLOB NOT NULL,
  body_bytes INTEGER NOT NULL,
  body BLOB,
  sequence INTEGER,
  settled_at_us INTEGER,
  crc INTEGER NOT NULL
) STRICT;
CREATE TABLE meta (
  key TEXT PRIMARY KEY NOT NULL,
  value INTEGER NOT NULL,
  crc INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
)";

// As they came with version 4.
constexpr char kSubscriptionTables[] = R"(
CREATE TABLE subscriptions (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  settings BLOB NOT NULL,
  through INTEGER NOT NULL,
  created_at_us INTEGER NOT NULL,
  active_at_us INTEGER NOT NULL,
  unsettled_sum INTEGER NOT NULL,
  parked_sum INTEGER NOT NULL,
  crc INTEGER NOT NULL
) STRICT;
CREATE TABLE unsettled (
  subscription INTEGER NOT NULL,
  sequence INTEGER NOT NULL,
  deliveries INTEGER NOT NULL,
  retry_at_us INTEGER,
  crc INTEGER NOT NULL,
  PRIMARY KEY (subscription, sequence)
) STRICT, WITHOUT ROWID;
CREATE TABLE parked (
  subscription INTEGER NOT NULL,
  sequence INTEGER NOT NULL,
  epoch INTEGER NOT NULL,
  recorded_at_us INTEGER NOT NULL,
  suspected_duplicate_of INTEGER NOT NULL,
  deliveries INTEGER NOT NULL,
  reason INTEGER NOT NULL,
  parked_at_us INTEGER NOT NULL,
  replaying INTEGER NOT NULL,
  crc INTEGER NOT NULL,
  lead_id TEXT NOT NULL,
  phone TEXT NOT NULL,
  signature BLOB NOT NULL,
  event BLOB NOT NULL,
  body BLOB NOT NULL,
  PRIMARY KEY (subscription, sequence)
) STRICT, WITHOUT ROWID;
)";

// What a version has that the one before it had not.
constexpr char kVersion2[] =
    "ALTER TABLE events ADD COLUMN suspected_duplicate_of INTEGER;"
    "CREATE TABLE epochs (epoch INTEGER PRIMARY KEY,"
    " first_sequence INTEGER NOT NULL, lost_after INTEGER NOT NULL,"
    " began_at_us INTEGER NOT NULL, crc INTEGER NOT NULL) STRICT;";
// What meta had, the epoch, stands in the records as well. Both tables of
// kKeptTables belong to it.
constexpr char kVersion3[] =
    "ALTER TABLE duplicate_keys ADD COLUMN received_at_us INTEGER;"
    "ALTER TABLE duplicate_keys ADD COLUMN occurred_at_us INTEGER;"
    "DROP TABLE meta;";

}  // namespace

std::string LogTables() {
  return Concat(
      {kEventTable, kKeyTable, kEpochTable, kKeptTables, kSubscriptionTables});
}

std::string KeyTable() { return kKeyTable; }

std::string LogMigration(std::int64_t version) {
  std::string sql;
  if (version < 2) sql += kVersion2;
  if (version < 3) sql += Concat({kVersion3, kKeptTables});
  if (version < 4) sql += kSubscriptionTables;
  return sql;
}

}  // namespace tuco::log

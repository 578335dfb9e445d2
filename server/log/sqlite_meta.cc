#include "server/log/sqlite_meta.h"

#include "absl/strings/str_cat.h"
#include "server/base/status_macros.h"
#include "tuco/record_layout.h"
#include "tuco/strings.h"

namespace tuco::log {

absl::StatusOr<std::optional<std::int64_t>> ReadMeta(SqliteDb& db,
                                                     std::string_view key) {
  TUCO_ASSIGN_OR_RETURN(
      SqliteStatement select,
      db.Prepare("SELECT value, crc FROM meta WHERE key = ?"));
  select.BindText(1, key);
  TUCO_ASSIGN_OR_RETURN(const bool found, select.Step());
  if (!found) return std::nullopt;
  const std::int64_t value = select.Int(0);
  if (select.Int(1) != MetaCrc(key, value)) {
    return absl::DataLossError(
        absl::StrCat("`", ToAbsl(key),
                     "` is damaged: its row in table meta does not fit its "
                     "checksum"));
  }
  return value;
}

absl::Status WriteMeta(SqliteDb& db, std::string_view key, std::int64_t value) {
  TUCO_ASSIGN_OR_RETURN(
      SqliteStatement replace,
      db.Prepare("INSERT OR REPLACE INTO meta (key, value, crc) "
                 "VALUES (?, ?, ?)"));
  replace.BindText(1, key);
  replace.BindInt(2, value);
  replace.BindInt(3, MetaCrc(key, value));
  return replace.Run();
}

}  // namespace tuco::log

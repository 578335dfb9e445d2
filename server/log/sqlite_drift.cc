#include "server/log/sqlite_drift.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "server/base/status_macros.h"
#include "server/log/sqlite_meta.h"
#include "tuco/record_layout.h"
#include "tuco/strings.h"

namespace tuco::log {
namespace {

constexpr std::string_view kPrefix = "drift:";

std::string KeyOf(const DriftName& name) {
  return Concat({kPrefix, DriftKindName(name.kind), ":", name.name});
}

std::optional<DriftKind> ParseKind(std::string_view text) {
  for (const DriftKind kind :
       {DriftKind::kUnknownEvent, DriftKind::kUnknownField,
        DriftKind::kWrongType, DriftKind::kNoObject}) {
    if (DriftKindName(kind) == text) return kind;
  }
  return std::nullopt;
}

// What a name consists of that DriftOf gives, and a little more.
bool MayBeName(std::string_view text) {
  return text.size() <= kDriftNameBytesMax &&
         std::all_of(text.begin(), text.end(),
                     [](char c) { return c > ' ' && c <= '~'; });
}

bool IsDamaged(const SqliteStatement& select) {
  const std::string_view key = select.Bytes(0);
  return select.Int(2) != MetaCrc(key, select.Int(1)) ||
         !MayBeName(key.substr(std::min(key.size(), key.rfind(':') + 1)));
}

// What the row at hand has; nothing of a kind from elsewhere.
std::optional<DriftName> DriftNameAt(const SqliteStatement& select) {
  const std::string_view rest = select.Bytes(0).substr(kPrefix.size());
  const std::size_t colon = rest.find(':');
  const std::optional<DriftKind> kind = ParseKind(rest.substr(0, colon));
  if (!kind || colon == std::string_view::npos) return std::nullopt;
  return DriftName{
      .kind = *kind,
      .name = std::string(rest.substr(colon + 1)),
      .first_seen = Timestamp(std::chrono::microseconds(select.Int(1)))};
}

}  // namespace

absl::Status WriteDriftName(SqliteDb& db, const DriftName& name) {
  const std::string key = KeyOf(name);
  const absl::StatusOr<std::optional<std::int64_t>> there = ReadMeta(db, key);
  if (there.ok() && there->has_value()) return absl::OkStatus();
  if (!there.ok() && !absl::IsDataLoss(there.status())) return there.status();
  return WriteMeta(db, key, name.first_seen.time_since_epoch().count());
}

absl::Status VisitDriftRows(
    SqliteDb& db, const std::function<void(const DriftName&)>& visit) {
  // The character behind `:` ends the range.
  TUCO_ASSIGN_OR_RETURN(SqliteStatement select,
                        db.Prepare("SELECT key, value, crc FROM meta "
                                   "WHERE key >= 'drift:' AND key < 'drift;'"));
  absl::Status status;
  while (true) {
    TUCO_ASSIGN_OR_RETURN(const bool found, select.Step());
    if (!found) return status;
    if (IsDamaged(select)) {
      status = absl::DataLossError(
          "a name of drift is damaged: its row in table meta does not fit its "
          "checksum, or has no name");
      continue;
    }
    if (const std::optional<DriftName> name = DriftNameAt(select)) visit(*name);
  }
}

}  // namespace tuco::log

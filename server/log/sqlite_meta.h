// Table `meta`: single numbers by name.

#ifndef TUCO_SERVER_LOG_SQLITE_META_H_
#define TUCO_SERVER_LOG_SQLITE_META_H_

#include <cstdint>
#include <optional>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/log/sqlite_db.h"

namespace tuco::log {

// The names of docs/log_format.md.
inline constexpr std::string_view kRemovedThroughKey = "removed_through";
inline constexpr std::string_view kDedupHorizonKey = "dedup_horizon_us";
inline constexpr std::string_view kForgottenKeysKey = "forgotten_keys";
inline constexpr std::string_view kUntimedInDoubtKey = "untimed_in_doubt";

// Nothing when there is no such row; DataLoss when it does not fit its
// checksum.
absl::StatusOr<std::optional<std::int64_t>> ReadMeta(SqliteDb& db,
                                                     std::string_view key);

// Makes the row or writes it anew.
absl::Status WriteMeta(SqliteDb& db, std::string_view key, std::int64_t value);

}  // namespace tuco::log

#endif  // TUCO_SERVER_LOG_SQLITE_META_H_

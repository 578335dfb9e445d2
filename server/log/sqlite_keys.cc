#include "server/log/sqlite_keys.h"

#include <algorithm>
#include <optional>

#include "absl/strings/str_cat.h"
#include "server/base/status_macros.h"
#include "server/log/sqlite_meta.h"
#include "server/log/sqlite_rows.h"

namespace tuco::log {
namespace {

// How many sequences up to `through` were given to records.
std::uint64_t GivenThrough(std::uint64_t through,
                           const std::vector<Gap>& gaps) {
  std::uint64_t given = through;
  for (const Gap& gap : gaps) {
    if (gap.from > through) break;
    given -= std::min(gap.to, through) - gap.from + 1;
  }
  return given;
}

absl::StatusOr<std::uint64_t> ForgottenKeyCount(SqliteDb& db) {
  TUCO_ASSIGN_OR_RETURN(const std::optional<std::int64_t> count,
                        ReadMeta(db, kForgottenKeysKey));
  return static_cast<std::uint64_t>(count.value_or(0));
}

}  // namespace

absl::Status ScanKeys(
    SqliteDb& db, SqliteStatement& scan, const std::vector<Gap>& gaps,
    std::uint64_t head,
    const std::function<void(const Digest& key, std::uint64_t sequence)>&
        visit) {
  std::uint64_t rows = 0;
  std::uint64_t newest = 0;
  std::optional<std::uint64_t> forgotten;
  while (true) {
    TUCO_ASSIGN_OR_RETURN(const bool found, scan.Step());
    // While the scan is under way, so that both see the same state.
    if (!forgotten.has_value()) {
      TUCO_ASSIGN_OR_RETURN(forgotten, ForgottenKeyCount(db));
    }
    if (!found) break;
    TUCO_ASSIGN_OR_RETURN(const KeyColumns row, KeyAt(scan));
    if (row.sequence <= newest) {
      return absl::DataLossError(absl::StrCat(
          "the duplicate key of record ", row.sequence, " follows that of ",
          newest, ": table duplicate_keys is damaged"));
    }
    newest = row.sequence;
    visit(row.key, row.sequence);
    ++rows;
  }
  const std::uint64_t expected = GivenThrough(std::max(head, newest), gaps);
  if (rows + *forgotten == expected) return absl::OkStatus();
  return absl::DataLossError(absl::StrCat(
      "table duplicate_keys has ", rows, " rows and ", *forgotten,
      " were forgotten, where ", expected, " were expected in all"));
}

}  // namespace tuco::log

#include "server/log/sqlite_scan.h"

#include <cstddef>

#include "absl/strings/str_cat.h"
#include "server/base/status_macros.h"
#include "server/log/read_budget.h"
#include "server/log/sqlite_rows.h"

namespace tuco::log {

SequenceCheck::SequenceCheck(std::uint64_t after, const Bounds& bounds,
                             const std::vector<Gap>& gaps)
    : gaps_(gaps), start_(after), expected_(after + 1), head_(bounds.head) {
  // One may follow another, where all that was between was lost.
  while (const Gap* const gap = GapAtExpected()) {
    start_ = gap->to;
    expected_ = gap->to + 1;
  }
}

bool SequenceCheck::GapBegins(const RecordColumns& columns) const {
  return columns.sequence != expected_ && GapAtExpected() != nullptr;
}

absl::Status SequenceCheck::Next(const RecordColumns& columns) {
  if (columns.sequence != expected_) return Missing();
  expected_ = columns.sequence + 1;
  return absl::OkStatus();
}

absl::Status SequenceCheck::End() const {
  return expected_ <= head_ && GapAtExpected() == nullptr ? Missing()
                                                          : absl::OkStatus();
}

const Gap* SequenceCheck::GapAtExpected() const {
  for (const Gap& gap : gaps_) {
    if (gap.from <= expected_ && expected_ <= gap.to) return &gap;
  }
  return nullptr;
}

absl::Status SequenceCheck::Missing() const {
  return absl::DataLossError(
      absl::StrCat("record ", expected_, " is not in the log any more"));
}

absl::Status AtRecord(std::uint64_t sequence, const absl::Status& status) {
  return absl::Status(
      status.code(),
      absl::StrCat("cannot read record ", sequence, ": ", status.message()));
}

absl::StatusOr<std::uint64_t> ScanRecords(
    SqliteStatement& scan, const ReadRequest& request, const Filter& filter,
    const std::function<void(const RecordColumns&)>& visit,
    SequenceCheck check) {
  ReadBudget budget(request);
  std::uint64_t scanned = check.start();
  while (!budget.Spent()) {
    const absl::StatusOr<bool> found = scan.Step();
    if (!found.ok()) return AtRecord(check.expected(), found.status());
    if (!*found) {
      TUCO_RETURN_IF_ERROR(check.End());
      break;
    }
    // The whole row, also of a record that nobody wants here: a damaged
    // column could be why it does not match.
    TUCO_ASSIGN_OR_RETURN(RecordColumns columns, EventAt(scan));
    if (check.GapBegins(columns)) break;
    TUCO_RETURN_IF_ERROR(check.Next(columns));
    if (filter.Matches(columns)) {
      if (!request.bodies) columns.body = {};
      const std::size_t bytes = columns.event.size() + columns.body.size();
      if (!budget.Fits(bytes)) break;
      budget.CountRecord(bytes);
      visit(columns);
    }
    budget.CountRow();
    scanned = columns.sequence;
  }
  return scanned;
}

}  // namespace tuco::log

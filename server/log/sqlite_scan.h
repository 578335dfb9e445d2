// Reads records along their sequence and notices the one that is not there.

#ifndef TUCO_SERVER_LOG_SQLITE_SCAN_H_
#define TUCO_SERVER_LOG_SQLITE_SCAN_H_

#include <cstdint>
#include <functional>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/log/event_log.h"
#include "server/log/filter.h"
#include "server/log/sqlite_db.h"
#include "tuco/record_layout.h"

namespace tuco::log {

// Follows the sequence of a scan. One thread at a time.
class SequenceCheck {
 public:
  // The scan is of what is behind `after`; `gaps` must outlive this object.
  SequenceCheck(std::uint64_t after, const Bounds& bounds,
                const std::vector<Gap>& gaps);

  // Behind what there is nothing to do with: `after`, or the gap it lies in.
  std::uint64_t start() const { return start_; }
  // The sequence that is to come next.
  std::uint64_t expected() const { return expected_; }

  // Whether the record at hand lies behind a gap that begins here.
  bool GapBegins(const RecordColumns& columns) const;
  // DataLoss: a record before this one, or before the head, is missing.
  absl::Status Next(const RecordColumns& columns);
  absl::Status End() const;

 private:
  const Gap* GapAtExpected() const;
  absl::Status Missing() const;

  const std::vector<Gap>& gaps_;
  std::uint64_t start_;
  std::uint64_t expected_;
  const std::uint64_t head_;
};

// `status` as the failure to read record `sequence`.
absl::Status AtRecord(std::uint64_t sequence, const absl::Status& status);

// EventLog::Read within one transaction. `scan`, bound to the position, selects
// whole rows in order; `check` begins there.
absl::StatusOr<std::uint64_t> ScanRecords(
    SqliteStatement& scan, const ReadRequest& request, const Filter& filter,
    const std::function<void(const RecordColumns&)>& visit,
    SequenceCheck check);

}  // namespace tuco::log

#endif  // TUCO_SERVER_LOG_SQLITE_SCAN_H_

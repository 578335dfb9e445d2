#include <algorithm>
#include <mutex>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "server/log/event_log.h"
#include "server/log/read_budget.h"

namespace tuco::log {
namespace {

// Keeps every record for ever. Record n stands at n - 1: there is one epoch
// and nothing is removed.
class MemoryLog final : public EventLog {
 public:
  explicit MemoryLog(const base::Clock& clock) : clock_(clock) {}

  absl::Status Append(std::span<Record* const> records) override {
    const std::lock_guard lock(mutex_);
    const Timestamp now = clock_.Now();
    const Timestamp recorded_at =
        records_.empty() ? now : std::max(now, records_.back().recorded_at);
    for (Record* const record : records) {
      record->sequence = records_.size() + 1;
      record->epoch = 1;
      record->recorded_at = recorded_at;
      records_.push_back(*record);
    }
    return absl::OkStatus();
  }

  absl::StatusOr<std::uint64_t> Read(
      const ReadRequest& request, const Filter& filter,
      const std::function<void(const RecordColumns&)>& visit) override {
    const std::lock_guard lock(mutex_);
    ReadBudget budget(request);
    std::uint64_t scanned = request.after;
    while (scanned < records_.size() && !budget.Spent()) {
      RecordColumns columns = ColumnsOf(records_[scanned]);
      if (filter.Matches(columns)) {
        if (!request.bodies) columns.body = {};
        const std::size_t bytes = columns.event.size() + columns.body.size();
        if (!budget.Fits(bytes)) break;
        budget.CountRecord(bytes);
        visit(columns);
      }
      budget.CountRow();
      ++scanned;
    }
    return scanned;
  }

  const std::vector<Gap>& gaps() const override { return gaps_; }

  Bounds bounds() const override {
    const std::lock_guard lock(mutex_);
    return {.first = 1, .head = records_.size(), .epoch = 1};
  }

  absl::StatusOr<std::uint64_t> FirstRecordedAt(Timestamp time) override {
    const std::lock_guard lock(mutex_);
    const auto found = std::partition_point(
        records_.begin(), records_.end(),
        [time](const Record& record) { return record.recorded_at < time; });
    return static_cast<std::uint64_t>(found - records_.begin()) + 1;
  }

  absl::Status VisitDuplicateKeys(
      const std::function<void(const Digest& key, std::uint64_t sequence)>&
          visit) override {
    const std::lock_guard lock(mutex_);
    for (const Record& record : records_) {
      visit(record.duplicate_key, record.sequence);
    }
    return absl::OkStatus();
  }

  absl::Status Probe() override { return absl::OkStatus(); }

 private:
  const base::Clock& clock_;
  const std::vector<Gap> gaps_;  // None ever.
  mutable std::mutex mutex_;
  std::vector<Record> records_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace

std::unique_ptr<EventLog> MakeMemoryLog(const base::Clock& clock) {
  return std::make_unique<MemoryLog>(clock);
}

}  // namespace tuco::log

#include <algorithm>
#include <deque>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "server/log/event_log.h"
#include "server/log/memory_subscriptions.h"
#include "server/log/read_budget.h"
#include "server/log/read_errors.h"

namespace tuco::log {
namespace {

// There is one epoch. Record n stands at n - 1 - removed_.
class MemoryLog final : public EventLog {
 public:
  explicit MemoryLog(const base::Clock& clock) : clock_(clock) {}

  absl::Status Commit(const Batch& batch) override {
    const std::lock_guard lock(mutex_);
    if (!batch.records.empty()) {
      recorded_at_ = std::max(recorded_at_, clock_.Now());
    }
    for (Record* const record : batch.records) {
      record->sequence = removed_ + records_.size() + 1;
      record->epoch = 1;
      record->recorded_at = recorded_at_;
      records_.push_back(*record);
      keys_.emplace(
          record->sequence,
          Key{record->duplicate_key, record->received_at, record->occurred_at});
    }
    for (QuarantineEntry* const entry : batch.quarantined) {
      entry->id = ++quarantine_id_;
      quarantine_.emplace(entry->id, *entry);
    }
    for (const QuarantineUpdate& update : batch.updates) Apply(update);
    for (const std::uint64_t id : batch.evicted) quarantine_.erase(id);
    for (const DriftName& drift : batch.drift) {
      drift_.try_emplace({drift.kind, drift.name}, drift);
    }
    for (const SubscriptionChange* const change : batch.subscriptions) {
      subscriptions_.Apply(*change);
    }
    return absl::OkStatus();
  }

  absl::StatusOr<ForgottenKeys> ForgetKeys(
      const ForgetRequest& request) override {
    const std::lock_guard lock(mutex_);
    ForgottenKeys forgotten;
    forgotten.scanned_through = request.after;
    std::size_t rows = 0;
    auto at = keys_.upper_bound(request.after);
    while (at != keys_.end() && std::next(at) != keys_.end() &&
           (at->second.received_at < request.before ||
            at->second.received_at > request.now)) {
      if (rows++ == request.rows_max) return forgotten;
      forgotten.scanned_through = at->first;
      const Key& key = at->second;
      if (key.received_at >= request.before || !key.occurred_at.has_value() ||
          *key.occurred_at >= request.before) {
        ++at;
        continue;
      }
      dedup_horizon_ = std::max(dedup_horizon_, *key.occurred_at);
      forgotten.keys.emplace_back(key.key, at->first);
      at = keys_.erase(at);
    }
    forgotten.end = true;
    return forgotten;
  }

  Timestamp dedup_horizon() const override {
    const std::lock_guard lock(mutex_);
    return dedup_horizon_;
  }
  bool untimed_in_doubt() const override { return false; }

  // Nothing damages them.
  absl::StatusOr<KeyRepair> RepairKeys() override { return KeyRepair{}; }

  absl::StatusOr<RemovedRecords> RemoveOldest(
      const RemoveRequest& request) override {
    const std::lock_guard lock(mutex_);
    std::uint64_t bytes = 0;
    for (const Record& record : records_) bytes += BytesOf(record);
    RemovedRecords removed;
    while (records_.size() > 1) {
      const Record& oldest = records_.front();
      const bool old = request.recorded_before.has_value() &&
                       oldest.recorded_at < *request.recorded_before;
      const bool large =
          request.bytes_max.has_value() && bytes > *request.bytes_max;
      if (!old && !large) break;
      if (removed.count == request.rows_max) return removed;
      bytes -= BytesOf(oldest);
      records_.pop_front();
      ++removed_;
      ++removed.count;
    }
    removed.end = true;
    return removed;
  }

  absl::StatusOr<std::uint64_t> Read(
      const ReadRequest& request, const Filter& filter,
      const std::function<void(const RecordColumns&)>& visit) override {
    const std::lock_guard lock(mutex_);
    const std::uint64_t head = removed_ + records_.size();
    if (request.after >= head) return request.after;
    if (request.after < removed_) {
      return RemovedError(request.after, removed_ + 1);
    }
    ReadBudget budget(request);
    std::uint64_t scanned = request.after;
    while (scanned < head && !budget.Spent()) {
      RecordColumns columns = ColumnsOf(records_[scanned - removed_]);
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
    return {
        .first = removed_ + 1, .head = removed_ + records_.size(), .epoch = 1};
  }

  absl::StatusOr<std::uint64_t> FirstRecordedAt(Timestamp time) override {
    const std::lock_guard lock(mutex_);
    const auto found = std::partition_point(
        records_.begin(), records_.end(),
        [time](const Record& record) { return record.recorded_at < time; });
    return removed_ + static_cast<std::uint64_t>(found - records_.begin()) + 1;
  }

  absl::Status VisitDuplicateKeys(
      const std::function<void(const Digest& key, std::uint64_t sequence)>&
          visit) override {
    const std::lock_guard lock(mutex_);
    for (const auto& [sequence, key] : keys_) visit(key.key, sequence);
    return absl::OkStatus();
  }

  absl::StatusOr<std::optional<Digest>> KeyOf(std::uint64_t sequence) override {
    const std::lock_guard lock(mutex_);
    const auto found = keys_.find(sequence);
    if (found == keys_.end()) return std::nullopt;
    return found->second.key;
  }

  absl::StatusOr<std::uint64_t> ReadQuarantine(
      const QuarantineRequest& request,
      const QuarantineVisitor& visit) override {
    const std::lock_guard lock(mutex_);
    std::uint64_t last = request.after;
    std::size_t entries = 0;
    for (auto at = quarantine_.upper_bound(request.after);
         at != quarantine_.end() && entries < request.entries_max;
         ++at, ++entries) {
      QuarantineEntry entry = at->second;
      if (!request.bodies) entry.body.reset();
      visit(entry);
      last = at->first;
    }
    return last;
  }

  absl::Status VisitDriftNames(
      const std::function<void(const DriftName&)>& visit) override {
    const std::lock_guard lock(mutex_);
    for (const auto& [key, drift] : drift_) visit(drift);
    return absl::OkStatus();
  }

  absl::Status ReadSubscriptions(const SubscriptionVisitor& visit) override {
    const std::lock_guard lock(mutex_);
    subscriptions_.Read(visit);
    return absl::OkStatus();
  }

  absl::StatusOr<std::uint64_t> ReadParked(
      const ParkedRequest& request, const ParkedVisitor& visit) override {
    const std::lock_guard lock(mutex_);
    return subscriptions_.ReadParked(request, visit);
  }

  LogSize size() const override { return {}; }

  absl::Status Probe() override { return absl::OkStatus(); }

 private:
  struct Key {
    Digest key;
    Timestamp received_at;
    std::optional<Timestamp> occurred_at;
  };

  static std::uint64_t BytesOf(const Record& record) {
    return sizeof(record) + record.event.size() + record.body.size();
  }

  void Apply(const QuarantineUpdate& update)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    const auto found = quarantine_.find(update.id);
    if (found == quarantine_.end()) return;
    QuarantineEntry& entry = found->second;
    if (entry.state != QuarantineState::kHeld) return;
    entry.state = update.state;
    entry.held_back = update.held_back;
    entry.sequence = update.sequence;
    entry.settled_at = update.settled_at;
    if (entry.state != QuarantineState::kHeld) entry.body.reset();
  }

  const base::Clock& clock_;
  const std::vector<Gap> gaps_;  // None ever.
  mutable std::mutex mutex_;
  std::deque<Record> records_ ABSL_GUARDED_BY(mutex_);
  std::uint64_t removed_ ABSL_GUARDED_BY(mutex_) = 0;
  Timestamp recorded_at_ ABSL_GUARDED_BY(mutex_) = Timestamp::min();
  std::map<std::uint64_t, Key> keys_ ABSL_GUARDED_BY(mutex_);  // By sequence.
  Timestamp dedup_horizon_ ABSL_GUARDED_BY(mutex_) = Timestamp::min();
  std::map<std::uint64_t, QuarantineEntry> quarantine_ ABSL_GUARDED_BY(mutex_);
  std::uint64_t quarantine_id_ ABSL_GUARDED_BY(mutex_) = 0;
  std::map<std::pair<DriftKind, std::string>, DriftName> drift_
      ABSL_GUARDED_BY(mutex_);
  MemorySubscriptions subscriptions_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace

std::unique_ptr<EventLog> MakeMemoryLog(const base::Clock& clock) {
  return std::make_unique<MemoryLog>(clock);
}

}  // namespace tuco::log

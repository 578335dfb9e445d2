// A log whose appends wait for the test, and fail when it says so.

#ifndef TUCO_TESTS_SERVER_LOG_GATED_LOG_H_
#define TUCO_TESTS_SERVER_LOG_GATED_LOG_H_

#include <condition_variable>
#include <deque>
#include <mutex>
#include <utility>
#include <vector>

#include "server/log/event_log.h"
#include "tests/server/log/forwarding_log.h"

namespace tuco::log {

// Passes everything on to a log in memory. Safe for concurrent use.
class GatedLog final : public ForwardingLog {
 public:
  explicit GatedLog(const base::Clock& clock)
      : ForwardingLog(MakeMemoryLog(clock)) {}

  // While closed, Append waits.
  void CloseGate() { SetOpen(false); }
  void OpenGate() { SetOpen(true); }
  // While closed, VisitDuplicateKeys waits; then it ends with `status`.
  void CloseKeys() { SetKeys(false, absl::OkStatus()); }
  void OpenKeys(absl::Status status = absl::OkStatus()) {
    SetKeys(true, std::move(status));
  }
  // From now on every append fails with this, as Probe says.
  void Break(absl::Status status) {
    const std::lock_guard lock(mutex_);
    broken_ = std::move(status);
  }
  // The next append fails with this.
  void FailNext(absl::Status status) {
    const std::lock_guard lock(mutex_);
    failures_.push_back(std::move(status));
  }
  // Until that many appends have begun since the start.
  void AwaitAppends(std::size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return batch_sizes_.size() >= count; });
  }
  std::vector<std::size_t> batch_sizes() const {
    const std::lock_guard lock(mutex_);
    return batch_sizes_;
  }
  int chores() const {
    const std::lock_guard lock(mutex_);
    return chores_;
  }

  absl::Status Commit(const Batch& batch) override {
    std::unique_lock lock(mutex_);
    batch_sizes_.push_back(batch.records.size());
    changed_.notify_all();
    changed_.wait(lock, [this] { return open_; });
    if (!broken_.ok()) return broken_;
    if (!failures_.empty()) {
      absl::Status failure = std::move(failures_.front());
      failures_.pop_front();
      return failure;
    }
    return ForwardingLog::Commit(batch);
  }
  void AfterAppend() override {
    const std::lock_guard lock(mutex_);
    ++chores_;
  }
  absl::Status VisitDuplicateKeys(
      const std::function<void(const Digest& key, std::uint64_t sequence)>&
          visit) override {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return keys_open_; });
    if (!keys_status_.ok()) return keys_status_;
    return ForwardingLog::VisitDuplicateKeys(visit);
  }
  absl::Status Probe() override {
    const std::lock_guard lock(mutex_);
    return broken_;
  }

 private:
  void SetKeys(bool open, absl::Status status) {
    const std::lock_guard lock(mutex_);
    keys_open_ = open;
    keys_status_ = std::move(status);
    changed_.notify_all();
  }
  void SetOpen(bool open) {
    const std::lock_guard lock(mutex_);
    open_ = open;
    changed_.notify_all();
  }

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  bool open_ = true;
  bool keys_open_ = true;
  absl::Status keys_status_;
  absl::Status broken_;
  std::deque<absl::Status> failures_;
  std::vector<std::size_t> batch_sizes_;
  int chores_ = 0;
};

}  // namespace tuco::log

#endif  // TUCO_TESTS_SERVER_LOG_GATED_LOG_H_

// A log that takes its committer's turns apart, so that a test with one
// committer does the same each time.

#ifndef TUCO_TESTS_SERVER_LOG_PACED_LOG_H_
#define TUCO_TESTS_SERVER_LOG_PACED_LOG_H_

#include <condition_variable>
#include <memory>
#include <mutex>
#include <utility>

#include "tests/server/log/forwarding_log.h"

namespace tuco::log {

// While it is paced, the thread that commits rests at the end of each turn,
// when everybody has an answer and the chores are done. What is submitted
// meanwhile is its next turn's. Safe for concurrent use.
class PacedLog : public ForwardingLog {
 public:
  explicit PacedLog(std::unique_ptr<EventLog> log)
      : ForwardingLog(std::move(log)) {}

  void AfterAppend() override {
    ForwardingLog::AfterAppend();
    std::unique_lock lock(mutex_);
    resting_ = paced_;
    changed_.notify_all();
    changed_.wait(lock, [this] { return !resting_; });
  }

  void SetPaced(bool paced) {
    const std::lock_guard lock(mutex_);
    paced_ = paced;
    resting_ = false;
    changed_.notify_all();
  }
  // Until the thread rests, which it does soon after something was submitted.
  void AwaitRest() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return resting_; });
  }
  // Lets it take its next turn.
  void EndRest() {
    const std::lock_guard lock(mutex_);
    resting_ = false;
    changed_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool paced_ = false;
  bool resting_ = false;
};

}  // namespace tuco::log

#endif  // TUCO_TESTS_SERVER_LOG_PACED_LOG_H_

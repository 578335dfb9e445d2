#include "server/stream/subscription_thread.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace tuco::stream {
namespace {

// However far away the next turn is: a clock of a test's moves by itself.
constexpr std::chrono::seconds kSleepMax{1};

}  // namespace

void SubscriptionThread::Start(Turn turn) {
  thread_ = std::thread([this, turn = std::move(turn)] { Run(turn); });
}

bool SubscriptionThread::Post(Task& task) {
  const std::lock_guard lock(mutex_);
  if (ended_) return false;
  tasks_.push_back(std::move(task));
  wake_.notify_one();
  return true;
}

void SubscriptionThread::Wake() {
  const std::lock_guard lock(mutex_);
  if (woken_) return;
  woken_ = true;
  wake_.notify_one();
}

void SubscriptionThread::Stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    wake_.notify_one();
  }
  if (thread_.joinable()) thread_.join();
}

void SubscriptionThread::Run(const Turn& turn) {
  std::vector<Task> tasks;
  std::optional<Instant> due = Instant(0);
  while (Await(due, tasks)) {
    for (Task& task : tasks) std::move(task)();
    tasks.clear();
    due = turn();
  }
}

bool SubscriptionThread::Await(std::optional<Instant> due,
                               std::vector<Task>& tasks) {
  std::unique_lock lock(mutex_);
  const Instant wait =
      due.has_value()
          ? std::clamp(*due - clock_.Steady(), Instant(0), Instant(kSleepMax))
          : Instant(kSleepMax);
  wake_.wait_for(lock, wait, [this]() ABSL_NO_THREAD_SAFETY_ANALYSIS {
    return !tasks_.empty() || woken_ || stopping_;
  });
  woken_ = false;
  tasks.swap(tasks_);
  ended_ = stopping_ && tasks.empty();
  return !ended_;
}

}  // namespace tuco::stream

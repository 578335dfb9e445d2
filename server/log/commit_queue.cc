#include "server/log/commit_queue.h"

#include <utility>

namespace tuco::log {
namespace {

std::size_t BytesOf(const QuarantineTask& task) {
  if (task.entry == nullptr) return sizeof(task);
  return sizeof(task) + sizeof(QuarantineEntry) + task.entry->headers.size() +
         (task.entry->body.has_value() ? task.entry->body->size() : 0);
}

bool IsVerified(const QuarantineTask& task) {
  return task.entry != nullptr && task.entry->verified;
}

}  // namespace

std::size_t BytesOf(const Record& record) {
  return sizeof(record) + record.event.size() + record.body.size();
}

void CommitQueue::Push(CommitItem item) {
  std::unique_lock lock(mutex_);
  absl::Status refusal = Refusal(BytesOf(*item.record));
  if (!refusal.ok()) {
    lock.unlock();
    item.done(std::move(refusal));
    return;
  }
  ++waiting_;
  waiting_bytes_ += BytesOf(*item.record);
  Queue(std::move(item));
  Wake(lock);
}

void CommitQueue::Queue(CommitItem item) {
  const auto [entry, first] = pending_.try_emplace(item.record->duplicate_key);
  if (first) {
    items_.push_back(std::move(item));
  } else {
    entry->second.push_back(std::move(item));
  }
}

void CommitQueue::Push(QuarantineTask task) {
  std::unique_lock lock(mutex_);
  absl::Status refusal = Refusal(task);
  if (!refusal.ok()) {
    lock.unlock();
    task.done(std::move(refusal));
    return;
  }
  ++waiting_;
  waiting_bytes_ += BytesOf(task);
  if (IsVerified(task)) ++verified_waiting_;
  tasks_.push_back(std::move(task));
  Wake(lock);
}

absl::Status CommitQueue::Refusal(std::size_t bytes) const {
  if (!broken_.ok()) return broken_;
  if (stopping_) {
    return absl::UnavailableError("the event log takes no more records");
  }
  if (waiting_ >= limits_.records_max ||
      (waiting_bytes_ > 0 && waiting_bytes_ + bytes > limits_.bytes_max)) {
    return absl::ResourceExhaustedError("the queue of the event log is full");
  }
  return absl::OkStatus();
}

absl::Status CommitQueue::Refusal(const QuarantineTask& task) const {
  if (IsVerified(task) &&
      verified_kept_ + verified_waiting_ >= limits_.verified_max) {
    return absl::ResourceExhaustedError(
        "the quarantine holds as many verified deliveries as it may: release "
        "or purge some");
  }
  return Refusal(BytesOf(task));
}

void CommitQueue::Wake(std::unique_lock<std::mutex>& lock) {
  const bool asleep = std::exchange(asleep_, false);
  lock.unlock();
  if (asleep) wake_.notify_one();
}

bool CommitQueue::Take(std::chrono::milliseconds idle,
                       std::vector<CommitItem>& items,
                       std::vector<QuarantineTask>& tasks) {
  std::unique_lock lock(mutex_);
  const auto idle_until = std::chrono::steady_clock::now() + idle;
  while (items_.empty() && tasks_.empty() && !stopping_) {
    asleep_ = true;
    if (wake_.wait_until(lock, idle_until) == std::cv_status::timeout) break;
  }
  asleep_ = false;
  items.swap(items_);
  tasks.swap(tasks_);
  return !items.empty() || !tasks.empty() || !stopping_;
}

void CommitQueue::Answer(
    std::span<CommitItem> items,
    absl::FunctionRef<absl::StatusOr<Appended>(const CommitItem&)> answer_of) {
  Answers answers;
  answers.reserve(items.size());
  {
    const std::lock_guard lock(mutex_);
    for (CommitItem& item : items) {
      const auto pending = pending_.find(item.record->duplicate_key);
      std::vector<CommitItem> copies = std::move(pending->second);
      pending_.erase(pending);
      const absl::StatusOr<Appended> answer = answer_of(item);
      --waiting_;
      waiting_bytes_ -= BytesOf(*item.record);
      answers.emplace_back(std::move(item.done), answer);
      AnswerCopies(std::move(copies), answer, answers);
    }
  }
  for (auto& [done, answer] : answers) done(std::move(answer));
}

void CommitQueue::AnswerCopies(std::vector<CommitItem> copies,
                               const absl::StatusOr<Appended>& answer,
                               Answers& answers) {
  absl::StatusOr<Appended> of_copy = answer;
  if (of_copy.ok()) of_copy->duplicate = true;
  for (CommitItem& copy : copies) {
    if (of_copy.ok() && copy.released_from != 0) {
      Queue(std::move(copy));
      continue;
    }
    --waiting_;
    waiting_bytes_ -= BytesOf(*copy.record);
    answers.emplace_back(std::move(copy.done), of_copy);
  }
}

void CommitQueue::Answer(std::span<QuarantineTask> tasks,
                         const absl::Status& status) {
  {
    const std::lock_guard lock(mutex_);
    for (const QuarantineTask& task : tasks) {
      --waiting_;
      waiting_bytes_ -= BytesOf(task);
      if (IsVerified(task)) --verified_waiting_;
    }
  }
  for (QuarantineTask& task : tasks) {
    if (!status.ok()) {
      task.done(status);
    } else if (task.entry != nullptr) {
      task.done(task.entry->id);
    } else {
      task.done(task.update.id);
    }
  }
}

void CommitQueue::SetVerified(std::uint64_t count) {
  const std::lock_guard lock(mutex_);
  verified_kept_ = count;
}

void CommitQueue::Stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
}

void CommitQueue::Break(const absl::Status& why) {
  std::vector<CommitItem> items;
  std::vector<QuarantineTask> tasks;
  {
    const std::lock_guard lock(mutex_);
    broken_ = why;
    items.swap(items_);
    tasks.swap(tasks_);
  }
  Answer(items, [&why](const CommitItem&) { return why; });
  Answer(tasks, why);
}

std::size_t CommitQueue::waiting() const {
  const std::lock_guard lock(mutex_);
  return waiting_;
}

}  // namespace tuco::log

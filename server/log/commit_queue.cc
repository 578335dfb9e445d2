#include "server/log/commit_queue.h"

#include <utility>

namespace tuco::log {
namespace {

std::size_t BytesOf(const QuarantineTask& task) {
  if (task.entry == nullptr) return sizeof(task);
  return sizeof(task) + sizeof(QuarantineEntry) + task.entry->headers.size() +
         (task.entry->body.has_value() ? task.entry->body->size() : 0);
}

std::size_t BytesOf(const ChangeTask& task) {
  const SubscriptionChange& change = task.change;
  std::size_t bytes =
      sizeof(task) + change.unsettled.size() * sizeof(UnsettledEvent) +
      (change.settled.size() + change.unparked.size()) * sizeof(std::uint64_t);
  if (change.row.has_value()) {
    bytes += change.row->name.size() + change.row->settings.size();
  }
  for (const ParkedEvent& event : change.parked) {
    bytes += sizeof(event) + event.event.size() + event.body.size();
  }
  return bytes;
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
    work_.items.push_back(std::move(item));
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
  work_.tasks.push_back(std::move(task));
  Wake(lock);
}

void CommitQueue::Push(ChangeTask task) {
  std::unique_lock lock(mutex_);
  absl::Status refusal = Refusal(task);
  if (!refusal.ok()) {
    lock.unlock();
    task.done(std::move(refusal));
    return;
  }
  ++changes_waiting_;
  changes_bytes_ += BytesOf(task);
  work_.changes.push_back(std::move(task));
  Wake(lock);
}

absl::Status CommitQueue::Closed() const {
  if (!broken_.ok()) return broken_;
  if (!stopping_) return absl::OkStatus();
  return absl::UnavailableError("the event log takes no more records");
}

absl::Status CommitQueue::Refusal(std::size_t bytes) const {
  if (absl::Status closed = Closed(); !closed.ok()) return closed;
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

absl::Status CommitQueue::Refusal(const ChangeTask& task) const {
  if (absl::Status closed = Closed(); !closed.ok()) return closed;
  if (changes_waiting_ >= limits_.changes_max ||
      (changes_waiting_ > 0 &&
       changes_bytes_ + BytesOf(task) > limits_.changes_bytes_max)) {
    return absl::ResourceExhaustedError(
        "too many changes of subscriptions wait for the event log");
  }
  return absl::OkStatus();
}

void CommitQueue::Wake(std::unique_lock<std::mutex>& lock) {
  const bool asleep = std::exchange(asleep_, false);
  lock.unlock();
  if (asleep) wake_.notify_one();
}

bool CommitQueue::Take(std::chrono::milliseconds idle, QueuedWork& work) {
  std::unique_lock lock(mutex_);
  const auto idle_until = std::chrono::steady_clock::now() + idle;
  while (work_.empty() && !stopping_) {
    asleep_ = true;
    if (wake_.wait_until(lock, idle_until) == std::cv_status::timeout) break;
  }
  asleep_ = false;
  std::swap(work, work_);
  return !work.empty() || !stopping_;
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

void CommitQueue::Answer(std::span<ChangeTask> changes) {
  {
    const std::lock_guard lock(mutex_);
    for (const ChangeTask& task : changes) {
      --changes_waiting_;
      changes_bytes_ -= BytesOf(task);
    }
  }
  for (ChangeTask& task : changes) task.done(std::move(task.status));
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
  QueuedWork work;
  {
    const std::lock_guard lock(mutex_);
    broken_ = why;
    std::swap(work, work_);
  }
  Answer(work.items, [&why](const CommitItem&) { return why; });
  Answer(work.tasks, why);
  for (ChangeTask& task : work.changes) task.status = why;
  Answer(work.changes);
}

std::size_t CommitQueue::waiting() const {
  const std::lock_guard lock(mutex_);
  return waiting_;
}

}  // namespace tuco::log

#include "server/log/committer.h"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <span>
#include <thread>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "server/log/known_events.h"

namespace tuco::log {
namespace {

using Done = Committer::Done;
using SteadyClock = std::chrono::steady_clock;

// A record on its way into the log and whoever submitted it.
struct Item {
  std::shared_ptr<Record> record;
  Done done;
};

// What a record costs in memory and in the transaction, roughly.
std::size_t BytesOf(const Record& record) {
  return sizeof(Record) + record.event.size() + record.body.size();
}

class ThreadCommitter final : public Committer {
 public:
  ThreadCommitter(EventLog& log, Options options, Observer observer)
      : log_(log),
        options_(std::move(options)),
        observer_(std::move(observer)),
        known_(options_.repeats_max) {
    thread_ = std::thread([this] { Run(); });
  }

  ~ThreadCommitter() override { Stop(); }

  void Submit(std::shared_ptr<Record> record, Done done) override {
    std::unique_lock lock(mutex_);
    std::optional<absl::StatusOr<Appended>> answer = KnownAnswer(*record);
    if (!answer) {
      const bool wake = Enqueue(std::move(record), std::move(done));
      lock.unlock();
      if (wake) wake_.notify_one();
      return;
    }
    lock.unlock();
    done(*std::move(answer));
  }

  void Stop() override {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    wake_.notify_one();
    if (thread_.joinable()) thread_.join();
  }

  absl::Status Probe() const override {
    const std::lock_guard lock(mutex_);
    if (!broken_.ok()) return broken_;
    if (!loaded_) {
      return absl::UnavailableError("the duplicate keys are being read");
    }
    const bool old = SteadyClock::now() - failed_at_ >= kFailureMemory;
    return old ? absl::OkStatus() : newest_;
  }

  Statistics statistics() const override {
    const std::lock_guard lock(mutex_);
    Statistics statistics = counts_;
    statistics.duplicate_keys = loaded_ ? known_.keys() : 0;
    statistics.queued = waiting_records_;
    return statistics;
  }

 private:
  using Answer = std::pair<Done, absl::StatusOr<Appended>>;

  // What can be said about `record` at once, if anything.
  std::optional<absl::StatusOr<Appended>> KnownAnswer(const Record& record)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    if (loaded_) {
      if (const auto first = known_.Find(record.duplicate_key)) {
        return Appended{.sequence = *first, .duplicate = true};
      }
    }
    if (!broken_.ok()) return broken_;
    if (stopping_) {
      return absl::UnavailableError("the event log takes no more records");
    }
    if (waiting_records_ >= options_.queue_records_max ||
        (waiting_bytes_ > 0 &&
         waiting_bytes_ + BytesOf(record) > options_.queue_bytes_max)) {
      return absl::ResourceExhaustedError("the queue of the event log is full");
    }
    return std::nullopt;
  }

  // Returns whether the thread sleeps and must be woken.
  bool Enqueue(std::shared_ptr<Record> record, Done done)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    ++waiting_records_;
    const auto [entry, first] = pending_.try_emplace(record->duplicate_key);
    if (!first) {
      entry->second.push_back(std::move(done));
      return false;
    }
    waiting_bytes_ += BytesOf(*record);
    queue_.push_back({std::move(record), std::move(done)});
    return std::exchange(asleep_, false);
  }

  void Run() {
    if (!Load()) return;
    std::vector<Item> items;
    while (TakeQueue(items)) {
      std::span<Item> rest(items);
      while (!rest.empty()) {
        const std::size_t count = BatchSize(rest);
        Commit(rest.first(count));
        rest = rest.subspan(count);
      }
      items.clear();
    }
  }

  // Reads what the log has. Records that came meanwhile may be copies of it.
  bool Load() {
    const absl::Status status = known_.Load(log_);
    std::vector<Answer> answers;
    {
      const std::lock_guard lock(mutex_);
      loaded_ = status.ok();
      broken_ = status;
      std::erase_if(queue_, [&](Item& item) {
        if (!status.ok()) {
          SettleOne(item, status, answers);
          return true;
        }
        const auto first = known_.Find(item.record->duplicate_key);
        if (first) SettleCopy(item, *first, answers);
        return first.has_value();
      });
      waiting_records_ -= answers.size();
    }
    for (auto& [done, answer] : answers) done(std::move(answer));
    if (!status.ok() && options_.on_failure) options_.on_failure(status);
    return status.ok();
  }

  // Waits for records. False when there are none and none will come.
  bool TakeQueue(std::vector<Item>& items) {
    std::unique_lock lock(mutex_);
    while (queue_.empty() && !stopping_) {
      asleep_ = true;
      wake_.wait(lock);
    }
    asleep_ = false;
    items.swap(queue_);
    return !items.empty();
  }

  // How many of `items` go into one transaction; one at least.
  std::size_t BatchSize(std::span<const Item> items) const {
    std::size_t count = 0;
    std::size_t bytes = 0;
    while (count < items.size() && count < options_.batch_records_max) {
      bytes += BytesOf(*items[count].record);
      if (count > 0 && bytes > options_.batch_bytes_max) break;
      ++count;
    }
    return count > 0 ? count : 1;
  }

  void Commit(std::span<Item> batch) {
    records_.clear();
    for (const Item& item : batch) records_.push_back(item.record.get());
    const std::uint64_t next = log_.bounds().head + 1;
    known_.FlagRepeats(records_, next);
    const absl::Status status = log_.Append(records_);
    if (!status.ok()) known_.ForgetFrom(next);
    if (status.ok() && observer_) Observe(batch);
    std::vector<Answer> answers = Settle(batch, status);
    for (auto& [done, answer] : answers) done(std::move(answer));
    log_.AfterAppend();
    ReportFailure();
  }

  // Once: from then on every append fails.
  void ReportFailure() {
    const absl::Status status = log_.Probe();
    if (!absl::IsDataLoss(status) || std::exchange(failure_reported_, true)) {
      return;
    }
    if (options_.on_failure) options_.on_failure(status);
  }

  void Observe(std::span<const Item> batch) {
    committed_.clear();
    for (const Item& item : batch) committed_.push_back(item.record);
    observer_(committed_);
  }

  // Books the batch's fate: from here on a copy of a durable record is a
  // duplicate, and one of a record that failed is tried anew.
  std::vector<Answer> Settle(std::span<Item> batch,
                             const absl::Status& status) {
    std::vector<Answer> answers;
    answers.reserve(batch.size());
    const std::lock_guard lock(mutex_);
    for (Item& item : batch) SettleOne(item, status, answers);
    waiting_records_ -= answers.size();
    newest_ = status;
    if (status.ok()) {
      ++counts_.batches;
      counts_.records += batch.size();
    } else {
      ++counts_.failed_batches;
      failed_at_ = SteadyClock::now();
    }
    return answers;
  }

  void SettleOne(Item& item, const absl::Status& status,
                 std::vector<Answer>& answers)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    const Record& record = *item.record;
    if (status.ok()) {
      AnswerAll(item, Appended{record.sequence, false}, answers);
      known_.Insert(record);
    } else {
      AnswerAll(item, status, answers);
    }
  }

  // Books an item whose event was in the log before it came.
  void SettleCopy(Item& item, std::uint64_t first, std::vector<Answer>& answers)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    AnswerAll(item, Appended{first, true}, answers);
  }

  // `answer` is for the item; who waits for it gets the same, as a copy.
  void AnswerAll(Item& item, const absl::StatusOr<Appended>& answer,
                 std::vector<Answer>& answers)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    const auto copies = pending_.find(item.record->duplicate_key);
    answers.emplace_back(std::move(item.done), answer);
    absl::StatusOr<Appended> copy = answer;
    if (copy.ok()) copy->duplicate = true;
    for (Done& done : copies->second) {
      answers.emplace_back(std::move(done), copy);
    }
    pending_.erase(copies);
    waiting_bytes_ -= BytesOf(*item.record);
  }

  EventLog& log_;
  const Options options_;
  const Observer observer_;
  std::thread thread_;

  // The thread's own, kept for their memory.
  std::vector<Record*> records_;
  std::vector<RecordPtr> committed_;
  bool failure_reported_ = false;

  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<Item> queue_ ABSL_GUARDED_BY(mutex_);
  // The records that are queued or being committed, by key, and who waits for
  // each but the one who came first.
  absl::flat_hash_map<Digest, std::vector<Done>, DigestHash> pending_
      ABSL_GUARDED_BY(mutex_);
  // The thread's own until `loaded_`. Its repeats always are.
  KnownEvents known_;
  bool loaded_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Status broken_
      ABSL_GUARDED_BY(mutex_);  // Why it is not and never will.
  std::size_t waiting_records_ ABSL_GUARDED_BY(mutex_) = 0;
  std::size_t waiting_bytes_ ABSL_GUARDED_BY(mutex_) = 0;
  Statistics counts_ ABSL_GUARDED_BY(mutex_);
  absl::Status newest_ ABSL_GUARDED_BY(mutex_);  // Of the newest batch.
  SteadyClock::time_point failed_at_ ABSL_GUARDED_BY(mutex_);
  bool asleep_ ABSL_GUARDED_BY(mutex_) = false;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace

std::unique_ptr<Committer> Committer::Start(EventLog& log, Options options,
                                            Observer observer) {
  return std::make_unique<ThreadCommitter>(log, std::move(options),
                                           std::move(observer));
}

}  // namespace tuco::log

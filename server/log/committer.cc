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
#include "server/base/status_macros.h"
#include "server/log/duplicate_index.h"

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
  ThreadCommitter(EventLog& log, const Options& options, Observer observer)
      : log_(log), options_(options), observer_(std::move(observer)) {}

  ~ThreadCommitter() override { Stop(); }

  absl::Status Start() {
    TUCO_RETURN_IF_ERROR(log_.VisitDuplicateKeys(
        [this](const Digest& key, std::uint64_t sequence) {
          const std::lock_guard lock(mutex_);
          durable_.Insert(key, sequence);
        }));
    thread_ = std::thread([this] { Run(); });
    return absl::OkStatus();
  }

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
    const bool old = SteadyClock::now() - failed_at_ >= kFailureMemory;
    return old ? absl::OkStatus() : newest_;
  }

  Statistics statistics() const override {
    const std::lock_guard lock(mutex_);
    Statistics statistics = counts_;
    statistics.duplicate_keys = durable_.size();
    statistics.queued = waiting_records_;
    return statistics;
  }

 private:
  using Answer = std::pair<Done, absl::StatusOr<Appended>>;

  // What can be said about `record` at once, if anything.
  std::optional<absl::StatusOr<Appended>> KnownAnswer(const Record& record)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    if (const auto first = durable_.Find(record.duplicate_key)) {
      return Appended{.sequence = *first, .duplicate = true};
    }
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
    const absl::Status status = log_.Append(records_);
    if (status.ok() && observer_) Observe(batch);
    std::vector<Answer> answers = Settle(batch, status);
    for (auto& [done, answer] : answers) done(std::move(answer));
    log_.AfterAppend();
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
    const auto copies = pending_.find(record.duplicate_key);
    const auto answer = [&](Done& done, bool duplicate) {
      if (status.ok()) {
        answers.emplace_back(std::move(done),
                             Appended{record.sequence, duplicate});
      } else {
        answers.emplace_back(std::move(done), status);
      }
    };
    answer(item.done, false);
    for (Done& done : copies->second) answer(done, true);
    pending_.erase(copies);
    waiting_bytes_ -= BytesOf(record);
    if (status.ok()) durable_.Insert(record.duplicate_key, record.sequence);
  }

  EventLog& log_;
  const Options options_;
  const Observer observer_;
  std::thread thread_;

  // The thread's own, kept for their memory.
  std::vector<Record*> records_;
  std::vector<RecordPtr> committed_;

  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<Item> queue_ ABSL_GUARDED_BY(mutex_);
  // The records that are queued or being committed, by key, and who waits for
  // each but the one who came first.
  absl::flat_hash_map<Digest, std::vector<Done>, DigestHash> pending_
      ABSL_GUARDED_BY(mutex_);
  DuplicateIndex durable_ ABSL_GUARDED_BY(mutex_);
  std::size_t waiting_records_ ABSL_GUARDED_BY(mutex_) = 0;
  std::size_t waiting_bytes_ ABSL_GUARDED_BY(mutex_) = 0;
  Statistics counts_ ABSL_GUARDED_BY(mutex_);
  absl::Status newest_ ABSL_GUARDED_BY(mutex_);  // Of the newest batch.
  SteadyClock::time_point failed_at_ ABSL_GUARDED_BY(mutex_);
  bool asleep_ ABSL_GUARDED_BY(mutex_) = false;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Committer>> Committer::Start(
    EventLog& log, const Options& options, Observer observer) {
  auto committer =
      std::make_unique<ThreadCommitter>(log, options, std::move(observer));
  TUCO_RETURN_IF_ERROR(committer->Start());
  return committer;
}

}  // namespace tuco::log

#include "server/log/committer.h"

#include <algorithm>
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
#include "absl/strings/str_cat.h"
#include "server/base/logging.h"
#include "server/log/known_events.h"

namespace tuco::log {
namespace {

using Done = Committer::Done;
using QuarantineDone = Committer::QuarantineDone;
using SteadyClock = std::chrono::steady_clock;

// How often the thread looks after the log when nothing is to be committed.
constexpr std::chrono::seconds kIdleInterval{1};

// A record on its way into the log and whoever submitted it.
struct Item {
  std::shared_ptr<Record> record;
  Done done;
  // Of a quarantined delivery: its entry, and what it is judged by.
  std::uint64_t released_from = 0;
  Timestamp dedup_horizon = Timestamp::min();
};

// An entry of the quarantine that is new, or else changes.
struct Task {
  std::shared_ptr<QuarantineEntry> entry;
  QuarantineUpdate update;
  QuarantineDone done;
};

// What a record costs in memory and in the transaction, roughly.
std::size_t BytesOf(const Record& record) {
  return sizeof(Record) + record.event.size() + record.body.size();
}

std::size_t BytesOf(const Task& task) {
  if (task.entry == nullptr) return sizeof(Task);
  return sizeof(Task) + sizeof(QuarantineEntry) + task.entry->headers.size() +
         (task.entry->body.has_value() ? task.entry->body->size() : 0);
}

bool IsNoYounger(const Record& record, Timestamp horizon) {
  return record.occurred_at.has_value() && *record.occurred_at <= horizon;
}

class ThreadCommitter final : public Committer {
 public:
  ThreadCommitter(EventLog& log, Options options, Observer observer)
      : log_(log),
        options_(std::move(options)),
        observer_(std::move(observer)),
        book_(options_.quarantine),
        known_(options_.repeats_max) {
    if (options_.clock != nullptr) {
      upkeep_.emplace(log_, *options_.clock, options_.upkeep);
    }
    thread_ = std::thread([this] { Run(); });
  }

  ~ThreadCommitter() override { Stop(); }

  void Submit(std::shared_ptr<Record> record, Done done) override {
    Enqueue({.record = std::move(record), .done = std::move(done)});
  }

  bool MayBeReplay(const Record& record) const override {
    return IsNoYounger(record, log_.dedup_horizon());
  }

  void SubmitReleased(Release release, Done done) override {
    Enqueue({.record = std::move(release.record),
             .done = std::move(done),
             .released_from = release.id,
             .dedup_horizon = release.dedup_horizon});
  }

  void Quarantine(std::shared_ptr<QuarantineEntry> entry,
                  QuarantineDone done) override {
    Enqueue(
        Task{.entry = std::move(entry), .update = {}, .done = std::move(done)});
  }

  void UpdateQuarantined(const QuarantineUpdate& update,
                         QuarantineDone done) override {
    Enqueue(Task{.entry = nullptr, .update = update, .done = std::move(done)});
  }

  absl::StatusOr<std::optional<std::uint64_t>> FindEvent(
      const std::array<std::uint8_t, kEventIdBytes>& id) const override {
    const std::lock_guard lock(mutex_);
    if (!loaded_) return NotLoaded();
    return known_.FindId(id);
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
    if (!loaded_) return NotLoaded();
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

  static absl::Status NotLoaded() {
    return absl::UnavailableError("the duplicate keys are being read");
  }

  void Enqueue(Item item) {
    std::unique_lock lock(mutex_);
    absl::Status refusal = Refusal(BytesOf(*item.record));
    if (!refusal.ok()) {
      lock.unlock();
      item.done(std::move(refusal));
      return;
    }
    ++waiting_records_;
    const auto [entry, first] =
        pending_.try_emplace(item.record->duplicate_key);
    if (!first) {
      entry->second.push_back(std::move(item.done));
      return;
    }
    waiting_bytes_ += BytesOf(*item.record);
    queue_.push_back(std::move(item));
    Wake(lock);
  }

  void Enqueue(Task task) {
    std::unique_lock lock(mutex_);
    absl::Status refusal = Refusal(task);
    if (!refusal.ok()) {
      lock.unlock();
      task.done(std::move(refusal));
      return;
    }
    ++waiting_records_;
    waiting_bytes_ += BytesOf(task);
    if (task.entry != nullptr && task.entry->verified) ++verified_waiting_;
    tasks_.push_back(std::move(task));
    Wake(lock);
  }

  // Why nothing more can be queued, if so.
  absl::Status Refusal(std::size_t bytes) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    if (!broken_.ok()) return broken_;
    if (stopping_) {
      return absl::UnavailableError("the event log takes no more records");
    }
    if (waiting_records_ >= options_.queue_records_max ||
        (waiting_bytes_ > 0 &&
         waiting_bytes_ + bytes > options_.queue_bytes_max)) {
      return absl::ResourceExhaustedError("the queue of the event log is full");
    }
    return absl::OkStatus();
  }

  absl::Status Refusal(const Task& task) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    if (task.entry != nullptr && task.entry->verified &&
        counts_.quarantine.verified + verified_waiting_ >=
            options_.quarantine.verified_max) {
      return absl::ResourceExhaustedError(
          "the quarantine holds as many verified deliveries as it may: "
          "release or purge some");
    }
    return Refusal(BytesOf(task));
  }

  // Wakes the thread if it sleeps; unlocks.
  void Wake(std::unique_lock<std::mutex>& lock) {
    const bool asleep = std::exchange(asleep_, false);
    lock.unlock();
    if (asleep) wake_.notify_one();
  }

  void Run() {
    if (!Load()) return;
    std::vector<Item> items;
    std::vector<Task> tasks;
    while (TakeQueue(items, tasks)) {
      std::span<Item> rest(items);
      do {
        const std::size_t count = BatchSize(rest);
        Commit(rest.first(count), tasks);
        rest = rest.subspan(count);
        tasks.clear();
      } while (!rest.empty());
      items.clear();
    }
  }

  // Reads what the log has.
  bool Load() {
    const absl::Status status = known_.Load(log_);
    const absl::Status quarantine = book_.Load(log_);
    if (!quarantine.ok()) {
      base::Log(base::Severity::kError, "the quarantine cannot be read in full",
                {{"error", absl::StrCat(quarantine.message())}});
    }
    std::vector<Item> items;
    std::vector<Task> tasks;
    std::vector<Answer> answers;
    {
      const std::lock_guard lock(mutex_);
      loaded_ = status.ok();
      broken_ = status;
      counts_.quarantine = book_.counts();
      if (status.ok()) return true;
      items.swap(queue_);
      tasks.swap(tasks_);
      for (Item& item : items) AnswerAll(item, status, answers);
    }
    for (auto& [done, answer] : answers) done(std::move(answer));
    for (Task& task : tasks) task.done(status);
    if (options_.on_failure) options_.on_failure(status);
    return false;
  }

  // Waits for something to commit, or for it to be time to look after the log.
  // False when there is nothing and nothing will come.
  bool TakeQueue(std::vector<Item>& items, std::vector<Task>& tasks) {
    std::unique_lock lock(mutex_);
    const auto idle_until = SteadyClock::now() + kIdleInterval;
    while (queue_.empty() && tasks_.empty() && !stopping_) {
      asleep_ = true;
      if (wake_.wait_until(lock, idle_until) == std::cv_status::timeout) break;
    }
    asleep_ = false;
    items.swap(queue_);
    tasks.swap(tasks_);
    return !items.empty() || !tasks.empty() || !stopping_;
  }

  // How many of `items` go into one transaction; one at least, if any.
  std::size_t BatchSize(std::span<const Item> items) const {
    std::size_t count = 0;
    std::size_t bytes = 0;
    while (count < items.size() && count < options_.batch_records_max) {
      bytes += BytesOf(*items[count].record);
      if (count > 0 && bytes > options_.batch_bytes_max) break;
      ++count;
    }
    return count > 0 ? count : std::min<std::size_t>(items.size(), 1);
  }

  void Commit(std::span<Item> items, std::span<Task> tasks) {
    updates_.clear();
    const std::span<Item> fresh = SettleKnown(items);
    const std::uint64_t next = log_.bounds().head + 1;
    FillBatch(fresh, tasks, next);
    known_.FlagRepeats(records_, next);
    const Batch batch{.records = records_,
                      .quarantined = quarantined_,
                      .updates = updates_,
                      .evicted = evicted_};
    const absl::Status status =
        batch.empty() ? absl::OkStatus() : log_.Commit(batch);
    if (!status.ok()) known_.ForgetFrom(next);
    if (status.ok()) UpdateBook();
    if (status.ok() && observer_ && !fresh.empty()) Observe(fresh);
    SettleBatch(fresh, tasks, status);
    Tend();
  }

  // Answers those of `items` that are in the log, or cannot be told from what
  // was, and returns the others.
  std::span<Item> SettleKnown(std::span<Item> items) {
    std::vector<Answer> answers;
    const auto end =
        std::stable_partition(items.begin(), items.end(), [&](Item& item) {
          const std::optional<absl::StatusOr<Appended>> answer = Known(item);
          if (!answer.has_value()) return true;
          const std::lock_guard lock(mutex_);
          AnswerAll(item, *answer, answers);
          return false;
        });
    for (auto& [done, answer] : answers) done(std::move(answer));
    return items.first(static_cast<std::size_t>(end - items.begin()));
  }

  std::optional<absl::StatusOr<Appended>> Known(const Item& item) {
    if (const auto first = known_.Find(item.record->duplicate_key, log_)) {
      if (item.released_from != 0) {
        updates_.push_back(Settled(item, QuarantineState::kDuplicate, *first));
      }
      return Appended{.sequence = *first, .duplicate = true};
    }
    const Timestamp horizon =
        item.released_from == 0 ? log_.dedup_horizon() : item.dedup_horizon;
    if (IsNoYounger(*item.record, horizon)) {
      return absl::FailedPreconditionError(
          "it cannot be told from a replay of an event that was forgotten");
    }
    return std::nullopt;
  }

  QuarantineUpdate Settled(const Item& item, QuarantineState state,
                           std::uint64_t sequence) const {
    QuarantineUpdate update{.id = item.released_from,
                            .state = state,
                            .held_back = false,
                            .sequence = sequence,
                            .settled_at = std::nullopt};
    if (options_.clock != nullptr) update.settled_at = options_.clock->Now();
    return update;
  }

  // Gathers what goes into the transaction; the first record will be `next`.
  void FillBatch(std::span<Item> fresh, std::span<Task> tasks,
                 std::uint64_t next) {
    records_.clear();
    quarantined_.clear();
    for (const Item& item : fresh) {
      if (item.released_from != 0) {
        updates_.push_back(
            Settled(item, QuarantineState::kReleased, next + records_.size()));
      }
      records_.push_back(item.record.get());
    }
    for (const Task& task : tasks) {
      if (task.entry != nullptr) {
        quarantined_.push_back(task.entry.get());
      } else {
        updates_.push_back(task.update);
      }
    }
  }

  // After a commit. What must go because of it goes with the next one.
  void UpdateBook() {
    for (const QuarantineEntry* const entry : quarantined_) book_.Add(*entry);
    for (const QuarantineUpdate& update : updates_) book_.Apply(update);
    evicted_.clear();
    book_.Evict(evicted_);
  }

  void Observe(std::span<const Item> fresh) {
    committed_.clear();
    for (const Item& item : fresh) committed_.push_back(item.record);
    observer_(committed_);
  }

  // Books the batch's fate: from here on a copy of a durable record is a
  // duplicate, and one of a record that failed is tried anew.
  void SettleBatch(std::span<Item> fresh, std::span<Task> tasks,
                   const absl::Status& status) {
    std::vector<Answer> answers;
    answers.reserve(fresh.size());
    {
      const std::lock_guard lock(mutex_);
      for (Item& item : fresh) SettleOne(item, status, answers);
      for (const Task& task : tasks) Discount(task);
      counts_.quarantine = book_.counts();
      CountBatch(fresh.size(), tasks.size(), status);
    }
    for (auto& [done, answer] : answers) done(std::move(answer));
    for (Task& task : tasks) {
      if (!status.ok()) {
        task.done(status);
      } else {
        task.done(task.entry != nullptr ? task.entry->id : task.update.id);
      }
    }
  }

  void CountBatch(std::size_t records, std::size_t tasks,
                  const absl::Status& status)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    if (records + tasks == 0 && status.ok()) return;
    newest_ = status;
    if (status.ok()) {
      if (records > 0) ++counts_.batches;
      counts_.records += records;
    } else {
      ++counts_.failed_batches;
      failed_at_ = SteadyClock::now();
    }
  }

  void Discount(const Task& task) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    --waiting_records_;
    waiting_bytes_ -= BytesOf(task);
    if (task.entry != nullptr && task.entry->verified) --verified_waiting_;
  }

  void SettleOne(Item& item, const absl::Status& status,
                 std::vector<Answer>& answers)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    if (!status.ok()) {
      AnswerAll(item, status, answers);
      return;
    }
    known_.Insert(*item.record);
    AnswerAll(item, Appended{.sequence = item.record->sequence}, answers);
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
    waiting_records_ -= 1 + copies->second.size();
    waiting_bytes_ -= BytesOf(*item.record);
    pending_.erase(copies);
  }

  // Once those who wait have their answers.
  void Tend() {
    log_.AfterAppend();
    if (upkeep_.has_value()) {
      const auto forgotten = upkeep_->Step();
      const std::lock_guard lock(mutex_);
      for (const auto& [key, sequence] : forgotten) known_.Erase(key, sequence);
      counts_.upkeep = upkeep_->statistics();
    }
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

  EventLog& log_;
  const Options options_;
  const Observer observer_;
  std::thread thread_;

  // The thread's own; the vectors are kept for their memory.
  std::optional<Upkeep> upkeep_;
  QuarantineBook book_;
  std::vector<Record*> records_;
  std::vector<QuarantineEntry*> quarantined_;
  std::vector<QuarantineUpdate> updates_;
  std::vector<std::uint64_t> evicted_;  // To be removed with the next commit.
  std::vector<RecordPtr> committed_;
  bool failure_reported_ = false;

  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<Item> queue_ ABSL_GUARDED_BY(mutex_);
  std::vector<Task> tasks_ ABSL_GUARDED_BY(mutex_);
  // The records that are queued or being committed, by key, and who waits for
  // each but the one who came first.
  absl::flat_hash_map<Digest, std::vector<Done>, DigestHash> pending_
      ABSL_GUARDED_BY(mutex_);
  // Changed by the thread alone, and under the lock once `loaded_`. Its
  // repeats are the thread's own.
  KnownEvents known_;
  bool loaded_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Status broken_
      ABSL_GUARDED_BY(mutex_);  // Why it is not and never will.
  // Tasks and copies included.
  std::size_t waiting_records_ ABSL_GUARDED_BY(mutex_) = 0;
  std::size_t waiting_bytes_ ABSL_GUARDED_BY(mutex_) = 0;
  std::size_t verified_waiting_ ABSL_GUARDED_BY(mutex_) = 0;
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

#include "server/log/committer.h"

#include <algorithm>
#include <chrono>
#include <mutex>
#include <optional>
#include <span>
#include <thread>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "server/base/logging.h"
#include "server/base/status_macros.h"
#include "server/log/change_batch.h"
#include "server/log/known_events.h"
#include "server/log/spooling.h"

namespace tuco::log {
namespace {

using SteadyClock = std::chrono::steady_clock;

// How often the thread looks after the log when nothing is to be committed.
constexpr std::chrono::milliseconds kIdleInterval{1'000};

// Whether a record whose key is not known may be one that was forgotten.
bool MayBeForgotten(const Record& record, Timestamp horizon, bool untimed) {
  return record.occurred_at.has_value() ? *record.occurred_at <= horizon
                                        : untimed;
}

class ThreadCommitter final : public Committer {
 public:
  ThreadCommitter(EventLog& log, Options options, Observer observer)
      : log_(log),
        options_(std::move(options)),
        observer_(std::move(observer)),
        queue_({.records_max = options_.queue_records_max,
                .bytes_max = options_.queue_bytes_max,
                .verified_max = options_.quarantine.verified_max,
                .changes_max = options_.queue_changes_max,
                .changes_bytes_max = options_.queue_changes_bytes_max}),
        book_(options_.quarantine),
        spooling_(options_.spool, options_.on_merge),
        known_(options_.repeats_max) {
    if (options_.clock != nullptr) {
      upkeep_.emplace(log_, *options_.clock, options_.reserve, options_.upkeep);
    }
    thread_ = std::thread([this] { Run(); });
  }

  ~ThreadCommitter() override { Stop(); }

  void Submit(std::shared_ptr<Record> record, Done done) override {
    queue_.Push(
        CommitItem{.record = std::move(record), .done = std::move(done)});
  }

  bool MayBeReplay(const Record& record) const override {
    return MayBeForgotten(record, log_.dedup_horizon(),
                          log_.untimed_in_doubt());
  }

  void SubmitReleased(Release release, Done done) override {
    queue_.Push(CommitItem{.record = std::move(release.record),
                           .done = std::move(done),
                           .released_from = release.id,
                           .dedup_horizon = release.dedup_horizon});
  }

  void Quarantine(std::shared_ptr<QuarantineEntry> entry,
                  QuarantineDone done) override {
    queue_.Push(QuarantineTask{
        .entry = std::move(entry), .update = {}, .done = std::move(done)});
  }

  void UpdateQuarantined(const QuarantineUpdate& update,
                         QuarantineDone done) override {
    queue_.Push(QuarantineTask{
        .entry = nullptr, .update = update, .done = std::move(done)});
  }

  void ChangeSubscription(SubscriptionChange change, ChangeDone done) override {
    queue_.Push(ChangeTask{
        .change = std::move(change), .done = std::move(done), .status = {}});
  }

  absl::StatusOr<std::optional<std::uint64_t>> FindEvent(
      const std::array<std::uint8_t, kEventIdBytes>& id) const override {
    const std::lock_guard lock(mutex_);
    if (!loaded_) return NotLoaded();
    return known_.FindId(id);
  }

  void Stop() override {
    queue_.Stop();
    if (thread_.joinable()) thread_.join();
  }

  absl::Status Probe() const override {
    const std::lock_guard lock(mutex_);
    if (!broken_.ok()) return broken_;
    if (!loaded_) return NotLoaded();
    return Newest();
  }

  Condition condition() const override {
    const absl::Status storage = log_.Probe();
    const std::lock_guard lock(mutex_);
    if (!broken_.ok()) return {State::kFailed, broken_};
    if (absl::IsDataLoss(storage)) return {State::kFailed, storage};
    if (!loaded_) return {State::kReading, NotLoaded()};
    if (!Newest().ok()) return {State::kRefusing, Newest()};
    if (counts_.spool.records > 0) return {State::kSpooling, spooled_for_};
    return {State::kTaking, absl::OkStatus()};
  }

  Statistics statistics() const override {
    const std::lock_guard lock(mutex_);
    Statistics statistics = counts_;
    statistics.loaded = loaded_;
    statistics.duplicate_keys = loaded_ ? known_.keys() : 0;
    statistics.queued = queue_.waiting();
    return statistics;
  }

  std::vector<DriftName> drift_names() const override {
    const std::lock_guard lock(mutex_);
    return loaded_ ? drift_.names() : std::vector<DriftName>();
  }

  ArrivalMap newest_arrivals() const override {
    const std::lock_guard lock(mutex_);
    return loaded_ ? known_.newest_arrivals() : ArrivalMap();
  }

 private:
  static absl::Status NotLoaded() {
    return absl::UnavailableError("the duplicate keys are being read");
  }

  // How the newest batch went, as long as that counts.
  absl::Status Newest() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    const bool old = SteadyClock::now() - failed_at_ >= kFailureMemory;
    return old ? absl::OkStatus() : newest_;
  }

  void Run() {
    if (!Load()) return;
    QueuedWork work;
    while (queue_.Take(idle_, work)) {
      std::span<CommitItem> rest(work.items);
      do {
        const std::size_t count = BatchSize(rest);
        Commit(rest.first(count), work.tasks, work.changes);
        rest = rest.subspan(count);
        work.tasks.clear();
        work.changes.clear();
      } while (!rest.empty());
      work.items.clear();
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
    const absl::Status drift = drift_.Load(log_);
    if (!drift.ok()) {
      base::Log(base::Severity::kError,
                "the names of what is unknown cannot be read in full",
                {{"error", absl::StrCat(drift.message())}});
    }
    queue_.SetVerified(book_.counts().verified);
    {
      const std::lock_guard lock(mutex_);
      loaded_ = status.ok();
      broken_ = status;
      counts_.quarantine = book_.counts();
      counts_.spool = spooling_.statistics();
      counts_.key_repair = known_.repair();
      counts_.drift = drift_.counts();
    }
    if (status.ok()) return true;
    queue_.Break(status);
    if (options_.on_failure) options_.on_failure(status);
    return false;
  }

  // How many of `items` go into one transaction; one at least, if any.
  std::size_t BatchSize(std::span<const CommitItem> items) const {
    std::size_t count = 0;
    std::size_t bytes = 0;
    while (count < items.size() && count < options_.batch_records_max) {
      bytes += BytesOf(*items[count].record);
      if (count > 0 && bytes > options_.batch_bytes_max) break;
      ++count;
    }
    return count > 0 ? count : std::min<std::size_t>(items.size(), 1);
  }

  void Commit(std::span<CommitItem> items, std::span<QuarantineTask> tasks,
              std::span<ChangeTask> changes) {
    updates_.clear();
    quarantined_.clear();
    changes_.Set(changes);
    const std::span<CommitItem> fresh = SettleKnown(items);
    const std::uint64_t next = log_.bounds().head + 1;
    FillBatch(fresh, tasks, next);
    records_.clear();
    for (const CommitItem& item : fresh) records_.push_back(item.record);
    const std::size_t evicted = evicted_.size();
    book_.MakeRoom(updates_, evicted_);
    const absl::Status status = Write(next);
    if (status.ok()) {
      UpdateBook();
    } else {
      evicted_.resize(evicted);
    }
    const absl::Status kept = status.ok() ? status : Spool(fresh, status);
    Note(fresh.size() + tasks.size(), status, kept);
    queue_.Answer(fresh,
                  [&](const CommitItem& item) -> absl::StatusOr<Appended> {
                    if (status.ok()) {
                      return Appended{.sequence = item.record->sequence};
                    }
                    // What comes from the quarantine has stayed there.
                    if (!kept.ok() || item.released_from != 0) return status;
                    return Appended{.spooled = true};
                  });
    queue_.Answer(tasks, status);
    queue_.Answer(changes);
    Tend();
  }

  // Answers those of `items` that are durable already, or cannot be told from
  // what was forgotten, and returns the others.
  std::span<CommitItem> SettleKnown(std::span<CommitItem> items) {
    const auto end = std::stable_partition(items.begin(), items.end(),
                                           [&](CommitItem& item) {
                                             item.known = Known(item);
                                             return !item.known.has_value();
                                           });
    const auto fresh = static_cast<std::size_t>(end - items.begin());
    queue_.Answer(items.subspan(fresh),
                  [](const CommitItem& item) { return *item.known; });
    return items.first(fresh);
  }

  std::optional<absl::StatusOr<Appended>> Known(const CommitItem& item) {
    const Digest& key = item.record->duplicate_key;
    if (const auto first = known_.Find(key, log_)) {
      if (item.released_from != 0) {
        updates_.push_back(Settled(item, QuarantineState::kDuplicate, *first));
      }
      return Appended{.sequence = *first, .duplicate = true};
    }
    if (spooling_.Contains(key)) {
      return Appended{.sequence = 0, .duplicate = true, .spooled = true};
    }
    const bool released = item.released_from != 0;
    const Timestamp horizon =
        released ? item.dedup_horizon : log_.dedup_horizon();
    // What is released by hand has no horizon, and nothing is in doubt then.
    const bool untimed =
        log_.untimed_in_doubt() && (!released || horizon != Timestamp::min());
    if (MayBeForgotten(*item.record, horizon, untimed)) {
      return absl::FailedPreconditionError(
          "it cannot be told from a replay of an event that was forgotten");
    }
    return std::nullopt;
  }

  QuarantineUpdate Settled(const CommitItem& item, QuarantineState state,
                           std::uint64_t sequence) const {
    QuarantineUpdate update{.id = item.released_from,
                            .state = state,
                            .held_back = false,
                            .sequence = sequence,
                            .settled_at = std::nullopt};
    if (options_.clock != nullptr) update.settled_at = options_.clock->Now();
    return update;
  }

  // Gathers what changes in the quarantine; the first of `fresh` will be the
  // record `next`.
  void FillBatch(std::span<const CommitItem> fresh,
                 std::span<const QuarantineTask> tasks, std::uint64_t next) {
    for (const CommitItem& item : fresh) {
      if (item.released_from != 0) {
        updates_.push_back(Settled(item, QuarantineState::kReleased, next));
      }
      ++next;
    }
    for (const QuarantineTask& task : tasks) {
      if (task.entry != nullptr) {
        quarantined_.push_back(task.entry.get());
      } else {
        updates_.push_back(task.update);
      }
    }
  }

  // Puts `records_`, the first one as `next`, and what else was gathered into
  // the log, and tells the observer.
  absl::Status Write(std::uint64_t next) {
    pointers_.clear();
    for (const std::shared_ptr<Record>& record : records_) {
      pointers_.push_back(record.get());
    }
    const Batch batch{.records = pointers_,
                      .quarantined = quarantined_,
                      .updates = updates_,
                      .evicted = evicted_,
                      .drift = drift_.Take(pointers_),
                      .subscriptions = changes_.pointers()};
    if (batch.empty()) return absl::OkStatus();
    known_.FlagRepeats(pointers_, next);
    absl::Status status = Commit(batch);
    if (!status.ok()) {
      known_.ForgetFrom(next);
      return status;
    }
    if (observer_ && !records_.empty()) {
      committed_.assign(records_.begin(), records_.end());
      observer_(committed_);
    }
    drift_.Announce();
    const std::lock_guard lock(mutex_);
    for (const Record* const record : pointers_) known_.Insert(*record);
    drift_.Remember();
    counts_.drift = drift_.counts();
    return status;
  }

  absl::Status Commit(const Batch& batch) {
    absl::Status status = CheckReserve();
    if (!status.ok()) {
      changes_.Refuse(status);
      return status;
    }
    const SteadyClock::time_point begun = SteadyClock::now();
    status = changes_.Commit(log_, batch);
    if (status.ok() && options_.on_commit) {
      options_.on_commit(batch.records.size(), SteadyClock::now() - begun);
    }
    return status;
  }

  absl::Status CheckReserve() const {
    if (options_.reserve == nullptr) return absl::OkStatus();
    return options_.reserve->Check(SteadyClock::now());
  }

  // After a commit. What is unverified and must go because of it goes with the
  // next one.
  void UpdateBook() {
    for (const QuarantineEntry* const entry : quarantined_) book_.Add(*entry);
    for (const QuarantineUpdate& update : updates_) book_.Apply(update);
    for (const std::uint64_t id : evicted_) book_.Remove(id);
    evicted_.clear();
    book_.Evict(evicted_);
    queue_.SetVerified(book_.counts().verified);
  }

  // Keeps those of `fresh` that the log refused for `why` elsewhere; why not,
  // otherwise.
  absl::Status Spool(std::span<const CommitItem> fresh,
                     const absl::Status& why) {
    pointers_.clear();
    for (const CommitItem& item : fresh) {
      if (item.released_from == 0) pointers_.push_back(item.record.get());
    }
    return pointers_.empty() ? why : spooling_.Take(pointers_, why);
  }

  // Books how a batch of `size` went: in the log, and in all. One that only
  // changes subscriptions says nothing of what becomes of a record, which may
  // be larger, or spooled.
  void Note(std::size_t size, const absl::Status& status,
            const absl::Status& kept) {
    const std::lock_guard lock(mutex_);
    counts_.quarantine = book_.counts();
    counts_.spool = spooling_.statistics();
    if (size == 0 && (status.ok() || !changes_.empty())) return;
    newest_ = kept;
    if (!kept.ok()) failed_at_ = SteadyClock::now();
    if (kept.ok() && !status.ok()) spooled_for_ = status;
    if (status.ok()) {
      if (!records_.empty()) ++counts_.batches;
      counts_.records += records_.size();
    } else {
      ++counts_.failed_batches;
    }
  }

  // Once those who wait have their answers.
  void Tend() {
    log_.AfterAppend();
    Merge();
    if (upkeep_.has_value()) {
      const auto forgotten = upkeep_->Step();
      const std::lock_guard lock(mutex_);
      for (const auto& [key, sequence] : forgotten) known_.Erase(key, sequence);
      counts_.upkeep = upkeep_->statistics();
    }
    ReportFailure();
  }

  // Brings some of what is spooled into the log, if it takes it.
  void Merge() {
    idle_ = kIdleInterval;
    if (spooling_.empty() || SteadyClock::now() < merge_at_) return;
    absl::Status status = log_.Probe();
    if (status.ok()) status = CheckReserve();
    if (status.ok()) status = MergeSome();
    if (!status.ok()) {
      merge_at_ = SteadyClock::now() + kIdleInterval;
      base::Log(base::Severity::kWarning, "spooled events have to wait",
                {{"error", absl::StrCat(status.message())}});
    } else if (!spooling_.empty()) {
      idle_ = std::chrono::milliseconds::zero();
    }
    const std::lock_guard lock(mutex_);
    counts_.spool = spooling_.statistics();
    spooled_for_ = status;
  }

  absl::Status MergeSome() {
    updates_.clear();
    quarantined_.clear();
    changes_.Set({});
    TUCO_ASSIGN_OR_RETURN(
        records_, spooling_.Next([this](const Record& record) {
          return known_.Find(record.duplicate_key, log_).has_value();
        }));
    TUCO_RETURN_IF_ERROR(Write(log_.bounds().head + 1));
    return spooling_.Merged();
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
  CommitQueue queue_;
  std::thread thread_;

  // The thread's own; the vectors are kept for their memory.
  std::optional<Upkeep> upkeep_;
  QuarantineBook book_;
  Spooling spooling_;
  std::vector<std::shared_ptr<Record>> records_;
  std::vector<Record*> pointers_;
  std::vector<QuarantineEntry*> quarantined_;
  std::vector<QuarantineUpdate> updates_;
  std::vector<std::uint64_t> evicted_;  // To be removed with the next commit.
  ChangeBatch changes_;
  std::vector<RecordPtr> committed_;
  bool failure_reported_ = false;
  std::chrono::milliseconds idle_ = kIdleInterval;
  SteadyClock::time_point merge_at_;  // Not before.

  mutable std::mutex mutex_;
  // Changed by the thread alone, and under the lock once `loaded_`. Its
  // repeats, and what the book was given last, are the thread's own.
  KnownEvents known_;
  DriftBook drift_;
  bool loaded_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Status broken_
      ABSL_GUARDED_BY(mutex_);  // Why it is not and never will.
  Statistics counts_ ABSL_GUARDED_BY(mutex_);
  absl::Status newest_ ABSL_GUARDED_BY(mutex_);  // Of the newest batch.
  SteadyClock::time_point failed_at_ ABSL_GUARDED_BY(mutex_);
  // Why the log did not take what is in the spool.
  absl::Status spooled_for_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace

std::unique_ptr<Committer> Committer::Start(EventLog& log, Options options,
                                            Observer observer) {
  return std::make_unique<ThreadCommitter>(log, std::move(options),
                                           std::move(observer));
}

}  // namespace tuco::log

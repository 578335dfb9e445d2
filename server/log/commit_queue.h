// What waits to be committed, and who waits for what becomes of it.

#ifndef TUCO_SERVER_LOG_COMMIT_QUEUE_H_
#define TUCO_SERVER_LOG_COMMIT_QUEUE_H_

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/functional/any_invocable.h"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/log/duplicate_index.h"
#include "server/log/quarantine.h"
#include "server/log/record.h"
#include "server/log/subscription.h"

namespace tuco::log {

// A record that is durable.
struct Appended {
  std::uint64_t sequence = 0;  // Of the first copy; 0 while it is spooled.
  bool duplicate = false;      // Whether the record was already there.
  bool spooled = false;  // Whether it is in the spool, not yet in the log.
};
using AppendDone = absl::AnyInvocable<void(absl::StatusOr<Appended>)>;
using QuarantineDone = absl::AnyInvocable<void(absl::StatusOr<std::uint64_t>)>;
using ChangeDone = absl::AnyInvocable<void(absl::Status)>;

// A record on its way into the log and whoever submitted it.
struct CommitItem {
  std::shared_ptr<Record> record;
  AppendDone done;
  // Of a quarantined delivery: its entry, and what it is judged by.
  std::uint64_t released_from = 0;
  Timestamp dedup_horizon = Timestamp::min();
  // What can be said without committing it, if anything.
  std::optional<absl::StatusOr<Appended>> known;
};

// An entry of the quarantine that is new, or else changes.
struct QuarantineTask {
  std::shared_ptr<QuarantineEntry> entry;
  QuarantineUpdate update;
  QuarantineDone done;
};

// A change of a subscription.
struct ChangeTask {
  SubscriptionChange change;
  ChangeDone done;
  absl::Status status;  // What became of it.
};

// What is taken at once; each kind in the order in which it was pushed.
struct QueuedWork {
  std::vector<CommitItem> items;
  std::vector<QuarantineTask> tasks;
  std::vector<ChangeTask> changes;

  bool empty() const {
    return items.empty() && tasks.empty() && changes.empty();
  }
};

// Any thread pushes, one takes and answers.
class CommitQueue {
 public:
  struct Limits {
    // Of what is queued or taken and not answered.
    std::size_t records_max;
    std::size_t bytes_max;
    // Of verified deliveries, those that are kept included.
    std::size_t verified_max;
    // Of changes of subscriptions, which take no room from the others.
    std::size_t changes_max;
    std::size_t changes_bytes_max;
  };

  explicit CommitQueue(const Limits& limits) : limits_(limits) {}

  // What is refused is answered here and now. A copy of a record that is on
  // its way waits for that one's fate.
  void Push(CommitItem item);
  void Push(QuarantineTask task);
  void Push(ChangeTask task);

  // Waits until something is there, or `idle` has passed, and takes it in the
  // place of `work`, which is empty. False when nothing is there and nothing
  // will come.
  bool Take(std::chrono::milliseconds idle, QueuedWork& work);

  // Answers whoever waits for `items`, the copies that came meanwhile included;
  // those of the quarantine have an entry to settle, and queue for that.
  void Answer(
      std::span<CommitItem> items,
      absl::FunctionRef<absl::StatusOr<Appended>(const CommitItem&)> answer_of);
  // With the entries' ids, or with `status`.
  void Answer(std::span<QuarantineTask> tasks, const absl::Status& status);
  // Each with its own status.
  void Answer(std::span<ChangeTask> changes);

  // How many verified deliveries the quarantine holds.
  void SetVerified(std::uint64_t count);

  // Takes nothing any more; what is queued can still be taken.
  void Stop();
  // Refuses everything with `why`, what is queued as well.
  void Break(const absl::Status& why);

  // Whoever waits now, for anything but a change of a subscription.
  std::size_t waiting() const;

 private:
  // Why nothing more can be queued, if so.
  absl::Status Closed() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status Refusal(std::size_t bytes) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status Refusal(const QuarantineTask& task) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status Refusal(const ChangeTask& task) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  using Answers = std::vector<std::pair<AppendDone, absl::StatusOr<Appended>>>;
  void AnswerCopies(std::vector<CommitItem> copies,
                    const absl::StatusOr<Appended>& answer, Answers& answers)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Queues what counts as waiting already.
  void Queue(CommitItem item) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Wakes the thread if it sleeps; unlocks.
  void Wake(std::unique_lock<std::mutex>& lock);

  const Limits limits_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  QueuedWork work_ ABSL_GUARDED_BY(mutex_);
  // The records that are queued or taken, by key, and who waits for each but
  // the one who came first.
  absl::flat_hash_map<Digest, std::vector<CommitItem>, DigestHash> pending_
      ABSL_GUARDED_BY(mutex_);
  std::size_t waiting_ ABSL_GUARDED_BY(mutex_) = 0;
  std::size_t waiting_bytes_ ABSL_GUARDED_BY(mutex_) = 0;
  std::size_t verified_waiting_ ABSL_GUARDED_BY(mutex_) = 0;
  std::uint64_t verified_kept_ ABSL_GUARDED_BY(mutex_) = 0;
  std::size_t changes_waiting_ ABSL_GUARDED_BY(mutex_) = 0;
  std::size_t changes_bytes_ ABSL_GUARDED_BY(mutex_) = 0;
  absl::Status broken_ ABSL_GUARDED_BY(mutex_);
  bool asleep_ ABSL_GUARDED_BY(mutex_) = false;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
};

// What a record costs in memory and in a transaction, roughly.
std::size_t BytesOf(const Record& record);

}  // namespace tuco::log

#endif  // TUCO_SERVER_LOG_COMMIT_QUEUE_H_

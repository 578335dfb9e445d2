// The one writer: takes records from any thread, refuses duplicates, commits
// the rest in batches, and tells each caller what became of its record.
//
//   Submit ──▶ queue ──▶ [take all that queued] ──▶ Append ──▶ observer ──▶
//   done
//                ▲              one thread, one transaction, one sync a batch
//                └── a copy of a record that is on its way waits for its fate
//
// No batch waits for a timer: while one is being synced the next one gathers.
// Nor does anybody wait for the log's duplicate keys to be read: what comes
// meanwhile queues. Quarantined deliveries and changes of subscriptions go the
// same way, and so does what the log does of itself as time passes.

#ifndef TUCO_SERVER_LOG_COMMITTER_H_
#define TUCO_SERVER_LOG_COMMITTER_H_

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "absl/status/statusor.h"
#include "server/base/clock.h"
#include "server/log/arrivals.h"
#include "server/log/commit_queue.h"
#include "server/log/disk_reserve.h"
#include "server/log/drift_book.h"
#include "server/log/event_log.h"
#include "server/log/quarantine_book.h"
#include "server/log/record.h"
#include "server/log/spooling.h"
#include "server/log/subscription.h"
#include "server/log/upkeep.h"

namespace tuco::log {

// A quarantined delivery that is to be taken in.
struct Release {
  std::uint64_t id = 0;  // Of its entry.
  std::shared_ptr<Record> record;
  // What was so old when it arrived that it could not be told from a replay;
  // by hand, nothing is.
  Timestamp dedup_horizon = Timestamp::min();
};

class Committer {
 public:
  struct Options {
    // What waits for an answer, queued or being committed, copies included.
    std::size_t queue_records_max = 65'536;
    std::size_t queue_bytes_max = std::size_t{64} << 20;
    // The same of changes of subscriptions, which take no room from the others.
    std::size_t queue_changes_max = 16'384;
    std::size_t queue_changes_bytes_max = std::size_t{32} << 20;
    // One transaction; a single record may be larger than that.
    std::size_t batch_records_max = 4'096;
    std::size_t batch_bytes_max = std::size_t{8} << 20;
    // The events among which a repeated message and type is noticed.
    std::size_t repeats_max = 1'000'000;
    QuarantineLimits quarantine{};
    // What the log does of itself as `clock` goes on, which must outlive the
    // committer; without one nothing is forgotten or removed.
    Upkeep::Options upkeep{};
    const base::Clock* clock = nullptr;
    // Both must outlive the committer, whose own they are; absent: none.
    // Where the reserve of space is reached nothing is committed.
    DiskReserve* reserve = nullptr;
    // What the log cannot take goes there, and into the log when it can again.
    Spool* spool = nullptr;
    // Makes of a record that was spooled what it is in the log.
    std::function<void(Record&)> on_merge{};
    // Told of each transaction, on the committer's thread before anybody is
    // answered: how many events it made durable, and how long it took.
    std::function<void(std::size_t, std::chrono::nanoseconds)> on_commit{};
    // Told, once at most and on the committer's thread, when nothing can be
    // appended any more until the log is opened again: of storage that failed,
    // or of keys that cannot be read.
    std::function<void(const absl::Status&)> on_failure{};
  };

  // Called exactly once for each submitted record: with what is durable, or
  // with why nothing is (the codes of EventLog::Commit and of
  // EventLog::VisitDuplicateKeys, or ResourceExhausted when the queue is full,
  // or Unavailable after Stop; FailedPrecondition when the record cannot be
  // told from a replay of one whose duplicate key was forgotten). Runs on the
  // committer's thread or, when the answer is known at once, inside Submit.
  using Done = AppendDone;

  // Likewise, for a delivery that is to be kept: with the entry's id.
  using QuarantineDone = log::QuarantineDone;

  // Told of each batch once it is durable, in order, on the committer's
  // thread, before any of the batch's callers hears of it.
  using Observer = std::function<void(std::span<const RecordPtr>)>;

  // Starts the thread, which reads the log's duplicate keys first. `log` must
  // outlive the committer, which from now on is its only writer.
  static std::unique_ptr<Committer> Start(EventLog& log, Options options,
                                          Observer observer);

  virtual ~Committer() = default;

  // Appends `record`, which nobody else may touch from now on, unless its
  // duplicate key is known; flags it when it repeats another one's message and
  // type. Safe for concurrent use.
  virtual void Submit(std::shared_ptr<Record> record, Done done) = 0;

  // Whether a record that is submitted now, and is new, would be refused as
  // what cannot be told from a replay. Safe for concurrent use.
  virtual bool MayBeReplay(const Record& record) const = 0;

  // Submits the record of a quarantined delivery, and settles its entry in the
  // same transaction. Safe for concurrent use.
  virtual void SubmitReleased(Release release, Done done) = 0;

  // Keeps `entry`. ResourceExhausted: it is verified, and there are as many of
  // these as there may be. Others make room. Safe for concurrent use.
  virtual void Quarantine(std::shared_ptr<QuarantineEntry> entry,
                          QuarantineDone done) = 0;

  // Changes an entry that is held; one that is not stays as it is. Safe for
  // concurrent use.
  virtual void UpdateQuarantined(const QuarantineUpdate& update,
                                 QuarantineDone done) = 0;

  // Told of what became of a change.
  using ChangeDone = log::ChangeDone;

  // Changes a subscription, and calls `done` once the change is durable or
  // cannot be; changes of one subscription are committed in the order in which
  // they came, and are never spooled. The codes of EventLog::Commit, or
  // ResourceExhausted when the queue is full, or Unavailable after Stop. Safe
  // for concurrent use.
  virtual void ChangeSubscription(SubscriptionChange change,
                                  ChangeDone done) = 0;

  // The sequence of the event with this id, as far as its duplicate key is
  // remembered. Unavailable: the keys are not read yet. Safe for concurrent
  // use.
  virtual absl::StatusOr<std::optional<std::uint64_t>> FindEvent(
      const std::array<std::uint8_t, kEventIdBytes>& id) const = 0;

  // Commits what is queued, answers every caller, and ends the thread. Not
  // from inside a callback. The destructor does the same.
  virtual void Stop() = 0;

  // How long a failed batch counts against the log when none was tried since.
  static constexpr std::chrono::seconds kFailureMemory{10};

  // OK when records are appended now. Else why not: the duplicate keys are
  // being read or cannot be, or the newest batch could not be appended less
  // than kFailureMemory ago; without traffic only trying tells whether the
  // cause is gone. Safe for concurrent use.
  virtual absl::Status Probe() const = 0;

  // Whether records are taken now, for people.
  enum class State : std::uint8_t {
    kReading,   // The log is being read; what is submitted waits.
    kTaking,    // Into the log.
    kSpooling,  // Some wait in the spool for the log to take them.
    kRefusing,  // The newest batch could be kept nowhere, as Probe says.
    kFailed,    // Nothing is taken until the log is opened again.
  };
  struct Condition {
    State state = State::kReading;
    absl::Status why;  // As far as it is known; OK while it is kTaking.
  };
  // Safe for concurrent use.
  virtual Condition condition() const = 0;

  // Counts since the start, for metrics. Safe for concurrent use.
  struct Statistics {
    bool loaded = false;  // Whether the log has been read, and counts.
    std::uint64_t batches = 0;
    std::uint64_t records = 0;
    std::uint64_t failed_batches = 0;
    std::uint64_t duplicate_keys = 0;  // Now remembered.
    KeyRepair key_repair{};            // When they were read.
    std::uint64_t queued = 0;          // Now waiting.
    QuarantineBook::Counts quarantine{};
    Upkeep::Statistics upkeep{};
    Spooling::Statistics spool{};
    DriftBook::Counts drift{};
  };
  virtual Statistics statistics() const = 0;

  // The names of drift that the log remembers, in the order of kind and name;
  // none while the log is being read. Safe for concurrent use.
  virtual std::vector<DriftName> drift_names() const = 0;

  // What arrived last of each endpoint and type, of the newest `repeats_max`
  // events at the start and those that came since; none while the log is being
  // read. Safe for concurrent use.
  virtual ArrivalMap newest_arrivals() const = 0;
};

}  // namespace tuco::log

#endif  // TUCO_SERVER_LOG_COMMITTER_H_

// The one writer: takes records from any thread, refuses duplicates, commits
// the rest in batches, and tells each caller what became of its record.
//
//   Submit ──▶ queue ──▶ [take all that queued] ──▶ Append ──▶ observer ──▶
//   done
//                ▲              one thread, one transaction, one sync a batch
//                └── a copy of a record that is on its way waits for its fate
//
// There is no timer: while one batch is being synced the next one gathers. Nor
// does anybody wait for the log's duplicate keys to be read: what comes
// meanwhile queues.

#ifndef TUCO_SERVER_LOG_COMMITTER_H_
#define TUCO_SERVER_LOG_COMMITTER_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "server/log/event_log.h"
#include "server/log/record.h"

namespace tuco::log {

// A record that is durable.
struct Appended {
  std::uint64_t sequence = 0;  // Of the first copy.
  bool duplicate = false;      // Whether the record was already there.
};

class Committer {
 public:
  struct Options {
    // What waits for an answer, queued or being committed, copies included.
    std::size_t queue_records_max = 65'536;
    std::size_t queue_bytes_max = std::size_t{64} << 20;
    // One transaction; a single record may be larger than that.
    std::size_t batch_records_max = 4'096;
    std::size_t batch_bytes_max = std::size_t{8} << 20;
    // The events among which a repeated message and type is noticed.
    std::size_t repeats_max = 1'000'000;
    // Told, once at most and on the committer's thread, when nothing can be
    // appended any more until the log is opened again: of storage that failed,
    // or of keys that cannot be read.
    std::function<void(const absl::Status&)> on_failure{};
  };

  // Called exactly once for each submitted record: with what is durable, or
  // with why nothing is (the codes of EventLog::Append and of
  // EventLog::VisitDuplicateKeys, or ResourceExhausted when the queue is full,
  // or Unavailable after Stop). Runs on the
  // committer's thread or, when the answer is known at once, inside Submit.
  using Done = absl::AnyInvocable<void(absl::StatusOr<Appended>)>;

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

  // Counts since the start, for metrics. Safe for concurrent use.
  struct Statistics {
    std::uint64_t batches = 0;
    std::uint64_t records = 0;
    std::uint64_t failed_batches = 0;
    std::uint64_t duplicate_keys = 0;  // Now remembered.
    std::uint64_t queued = 0;          // Now waiting.
  };
  virtual Statistics statistics() const = 0;
};

}  // namespace tuco::log

#endif  // TUCO_SERVER_LOG_COMMITTER_H_

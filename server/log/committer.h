// The one writer: takes records from any thread, refuses duplicates, commits
// the rest in batches, and tells each caller what became of its record.
//
//   Submit ──▶ queue ──▶ [take all that queued] ──▶ Append ──▶ observer ──▶
//   done
//                ▲              one thread, one transaction, one sync a batch
//                └── a copy of a record that is on its way waits for its fate
//
// There is no timer: while one batch is being synced the next one gathers.

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
  };

  // Called exactly once for each submitted record: with what is durable, or
  // with why nothing is (the codes of EventLog::Append, or ResourceExhausted
  // when the queue is full, or Unavailable after Stop). Runs on the
  // committer's thread or, when the answer is known at once, inside Submit.
  using Done = absl::AnyInvocable<void(absl::StatusOr<Appended>)>;

  // Told of each batch once it is durable, in order, on the committer's
  // thread, before any of the batch's callers hears of it.
  using Observer = std::function<void(std::span<const RecordPtr>)>;

  // Reads the log's duplicate keys, then starts the thread. `log` must
  // outlive the committer, which from now on is its only writer.
  static absl::StatusOr<std::unique_ptr<Committer>> Start(
      EventLog& log, const Options& options, Observer observer);

  virtual ~Committer() = default;

  // Appends `record`, which nobody else may touch from now on, unless its
  // duplicate key is known. Safe for concurrent use.
  virtual void Submit(std::shared_ptr<Record> record, Done done) = 0;

  // Commits what is queued, answers every caller, and ends the thread. Not
  // from inside a callback. The destructor does the same.
  virtual void Stop() = 0;

  // How long a failed batch counts against the log when none was tried since.
  static constexpr std::chrono::seconds kFailureMemory{10};

  // Why the newest batch could not be appended, OK when it could or when that
  // was kFailureMemory ago: without traffic only trying tells whether the
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

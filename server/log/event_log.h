// The durable log: an append-only sequence of records.
//
// What holds for every backend (one contract suite checks it):
//  - a record's sequence is one more than that of the record before it, unless
//    a gap lies between; it is never used twice;
//  - Append returns OK only when all of the batch is on stable storage, and
//    appends none of it otherwise;
//  - a record that was appended reads back bit for bit, for ever, or the read
//    fails with DataLoss naming the sequence; damage is never skipped;
//  - `recorded_at` never decreases along the sequence.

#ifndef TUCO_SERVER_LOG_EVENT_LOG_H_
#define TUCO_SERVER_LOG_EVENT_LOG_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/base/clock.h"
#include "server/base/file_system.h"
#include "server/log/drift_name.h"
#include "server/log/filter.h"
#include "server/log/quarantine.h"
#include "server/log/record.h"
#include "server/log/subscription.h"

namespace tuco::log {

// The sequences that the log holds. Empty log: first = head + 1.
struct Bounds {
  // The oldest record kept, or where a gap begins that no record is before.
  std::uint64_t first = 1;
  // The newest record, 0 before the first, or where a gap ends that no record
  // is behind.
  std::uint64_t head = 0;
  std::uint64_t epoch = 1;  // Of the records that are appended now.
};

// Sequences that no record has and none will have: records that were lost, and
// numbers that were left out behind them. Both ends belong to it.
struct Gap {
  std::uint64_t from = 0;
  std::uint64_t to = 0;

  friend bool operator==(const Gap&, const Gap&) = default;
};

// One bounded read.
struct ReadRequest {
  std::uint64_t after = 0;  // Exclusive.
  std::size_t events_max = 256;
  std::size_t bytes_max = 1 << 20;  // Of `event` and, if wanted, `body`.
  std::size_t scan_max = 50'000;    // Rows looked at, matching or not.
  bool bodies = false;              // Whether `body` is loaded.
};

// What is written at once: all of it or nothing.
struct Batch {
  // Appended in their order. Each is given its sequence, epoch and recorded_at,
  // which mean nothing unless the status is OK.
  std::span<Record* const> records;
  // Kept; each is given its id likewise.
  std::span<QuarantineEntry* const> quarantined;
  // One for each entry at most. An entry that is gone or settled already is
  // left as it is; a record in `records` that it speaks of is appended anyway.
  std::span<const QuarantineUpdate> updates;
  // The ids of entries that go for good.
  std::span<const std::uint64_t> evicted;
  // Remembered. A name that the log has keeps the time that it has there.
  std::span<const DriftName> drift{};
  // In their order. One whose subscription is not there and which does not
  // create it changes nothing.
  std::span<const SubscriptionChange* const> subscriptions{};

  bool empty() const {
    return records.empty() && quarantined.empty() && updates.empty() &&
           evicted.empty() && drift.empty() && subscriptions.empty();
  }
};

// Duplicate keys to forget: those of arrivals before `before` whose signed
// timestamp is before it as well. Never the newest key, nor one whose event
// had no timestamp.
struct ForgetRequest {
  Timestamp before;
  Timestamp now;            // What is later is a mistake of some clock's.
  std::uint64_t after = 0;  // The sequence behind which to look.
  std::size_t rows_max = 1'024;
};
struct ForgottenKeys {
  std::vector<std::pair<Digest, std::uint64_t>> keys;  // With their sequences.
  std::uint64_t scanned_through = 0;
  bool end = false;  // Whether there is nothing to forget behind.
};

// What became of the duplicate keys that were damaged or missing.
struct KeyRepair {
  std::uint64_t restored = 0;  // Made anew from what their records hold.
  // Those whose records are gone or damaged as well. They count as forgotten,
  // and whatever could be a replay of one of them is in doubt.
  std::uint64_t given_up = 0;
};

// The oldest records to remove: those recorded before `recorded_before`, and
// as many as it takes for the log to be no larger than `bytes_max`.
struct RemoveRequest {
  std::optional<Timestamp> recorded_before;
  std::optional<std::uint64_t> bytes_max;
  std::size_t rows_max = 1'024;
};
struct RemovedRecords {
  std::uint64_t count = 0;
  bool end = false;  // Whether there is nothing more to remove.
};

// What a log takes of its volume, as far as it can say.
struct LogSize {
  std::optional<std::uint64_t> database_bytes;
  std::optional<std::uint64_t> wal_bytes;   // Of its write-ahead log.
  std::optional<std::uint64_t> free_bytes;  // Of the volume, that we may use.
};

class EventLog {
 public:
  virtual ~EventLog() = default;

  // Writes `batch` and blocks until it is durable. One thread at a time, this
  // and every method that says so being one.
  //
  // ResourceExhausted: no space; nothing was appended and the next call may
  // succeed. Unavailable: somebody else holds the database; likewise.
  // PermissionDenied: the disk has become read-only; likewise.
  // DataLoss: storage failed. Where that leaves open whether the records are
  // in it, every later call fails as well, until the log is opened again. Or a
  // subscription is damaged that is to change; nothing was written then.
  virtual absl::Status Commit(const Batch& batch) = 0;
  absl::Status Append(std::span<Record* const> records) {
    return Commit(
        {.records = records, .quarantined = {}, .updates = {}, .evicted = {}});
  }

  // The chores of storage that a commit leaves behind, such as a checkpoint.
  // For the thread that commits, once it has answered whoever waits, and now
  // and then when it is idle. What goes wrong here shows in the next Commit.
  virtual void AfterAppend() {}

  // Forgets duplicate keys, a bounded number of them, and is durable on
  // return. The codes of Commit. For the thread that commits.
  virtual absl::StatusOr<ForgottenKeys> ForgetKeys(
      const ForgetRequest& request) = 0;

  // The newest signed timestamp of the keys that were forgotten; the smallest
  // time there is when none was. Safe for concurrent use.
  virtual Timestamp dedup_horizon() const = 0;
  // Whether a delivery without a signed timestamp cannot be told from a replay
  // either: only where keys had to be given up. Safe for concurrent use.
  virtual bool untimed_in_doubt() const = 0;

  // Makes the duplicate keys whole again, for when VisitDuplicateKeys finds
  // that they are not. Durable on return. The codes of Commit. For the thread
  // that commits.
  virtual absl::StatusOr<KeyRepair> RepairKeys() = 0;

  // Removes the oldest records, a bounded number of them; never the newest
  // one. Durable on return. The codes of Commit. For the thread that commits.
  virtual absl::StatusOr<RemovedRecords> RemoveOldest(
      const RemoveRequest& request) = 0;

  // Hands to `visit`, in order, the matching records after `request.after`,
  // until a limit of the request is reached, always at least one if there is
  // one within `scan_max`. Returns S: every matching record with a sequence
  // in (after, S] was visited. S = `after` means that there is nothing more. A
  // read ends where a gap begins; one that begins there starts behind it.
  // What `visit` gets is views that are valid during the call: a reader that
  // only copies bytes on pays for nothing else; `body` is empty unless wanted.
  // It must be quick and not call the log, whose storage is held meanwhile.
  // DataLoss names the first record that is damaged or gone; those before it
  // were visited. OutOfRange: records behind `after` have been removed. Safe
  // for concurrent use, also with Commit.
  virtual absl::StatusOr<std::uint64_t> Read(
      const ReadRequest& request, const Filter& filter,
      const std::function<void(const RecordColumns&)>& visit) = 0;

  // Safe for concurrent use. Never shows what is not durable.
  virtual Bounds bounds() const = 0;

  // In ascending order. They never change while the log is open. Safe for
  // concurrent use.
  virtual const std::vector<Gap>& gaps() const = 0;

  // The sequence of the first record with recorded_at >= `time`, head + 1
  // when there is none. Safe for concurrent use.
  virtual absl::StatusOr<std::uint64_t> FirstRecordedAt(Timestamp time) = 0;

  // Hands every duplicate key to `visit`, in the order of the sequences, keys
  // whose records are gone included. DataLoss names the sequence of a damaged
  // one. Safe for concurrent use.
  virtual absl::Status VisitDuplicateKeys(
      const std::function<void(const Digest& key, std::uint64_t sequence)>&
          visit) = 0;

  // The duplicate key that was appended with `sequence`; nothing when there is
  // none. DataLoss: it is damaged. Safe for concurrent use.
  virtual absl::StatusOr<std::optional<Digest>> KeyOf(
      std::uint64_t sequence) = 0;

  // Hands the quarantined deliveries behind `request.after` to `visit`, in the
  // order of their ids. Returns the last one's id, `after` when there is
  // nothing more. DataLoss names the first one that is damaged; those before
  // it were visited. Must be quick and not call the log. Safe for concurrent
  // use.
  virtual absl::StatusOr<std::uint64_t> ReadQuarantine(
      const QuarantineRequest& request, const QuarantineVisitor& visit) = 0;

  // Hands the names of drift that were committed to `visit`, in any order.
  // DataLoss: some are damaged; what else can be read was visited. Must be
  // quick and not call the log. Safe for concurrent use.
  virtual absl::Status VisitDriftNames(
      const std::function<void(const DriftName&)>& visit) = 0;

  // Hands every subscription to `visit`, in the order of the names. DataLoss:
  // one is damaged or gone; those that can be read were visited, also where of
  // what they have parked something is gone. Must be quick and not call the
  // log. Safe for concurrent use.
  virtual absl::Status ReadSubscriptions(const SubscriptionVisitor& visit) = 0;

  // Hands what a subscription has parked behind `request.after` to `visit`, in
  // the order of the sequences. Returns the last one's sequence, `after` when
  // there is nothing more, also where there is no such subscription. DataLoss
  // names the first one that is damaged; those before it were visited. Must be
  // quick and not call the log. Safe for concurrent use.
  virtual absl::StatusOr<std::uint64_t> ReadParked(
      const ParkedRequest& request, const ParkedVisitor& visit) = 0;

  // Asks the system and waits for nobody else. Safe for concurrent use.
  virtual LogSize size() const = 0;

  // An OK status when an append could be tried now. Safe for concurrent use.
  virtual absl::Status Probe() = 0;
};

// Where an SQLite log lies and what it stands on, all of which must outlive it.
struct SqliteLogOptions {
  std::string directory;
  const base::Clock& clock;
  // For every file but those that SQLite opens: the database and its journal.
  base::FileSystem& files;
  // The name of the registered VFS through which SQLite opens those, which
  // must lie in the same directory. Empty: SQLite's own, whose locks other
  // processes respect.
  std::string sqlite_vfs;
};

// A log in DIRECTORY/events.db, made when it is not there. Holds the lock of
// DIRECTORY/lock as long as it lives.
//
// FailedPrecondition: another server holds the lock (the message names its
// process). PermissionDenied, NotFound: the directory cannot be made or used.
// DataLoss: what is there is no log of ours or is damaged, or the disk fails.
// ResourceExhausted: there is no space to begin with. Unavailable: somebody
// else holds the database. Unimplemented: the log was written by a newer
// version.
absl::StatusOr<std::unique_ptr<EventLog>> OpenSqliteLog(
    const SqliteLogOptions& options);

// A log in memory, for tests.
std::unique_ptr<EventLog> MakeMemoryLog(const base::Clock& clock);

}  // namespace tuco::log

#endif  // TUCO_SERVER_LOG_EVENT_LOG_H_

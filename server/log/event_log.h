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
#include <span>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/base/clock.h"
#include "server/base/file_system.h"
#include "server/log/filter.h"
#include "server/log/record.h"

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

class EventLog {
 public:
  virtual ~EventLog() = default;

  // Appends `records` in their order and gives each its sequence, epoch and
  // recorded_at, which mean nothing unless the status is OK. Blocks until
  // they are durable. One thread at a time.
  //
  // ResourceExhausted: no space; nothing was appended and the next call may
  // succeed. Unavailable: somebody else holds the database; likewise.
  // PermissionDenied: the disk has become read-only; likewise.
  // DataLoss: storage failed. Where that leaves open whether the records are
  // in it, every later call fails as well, until the log is opened again.
  virtual absl::Status Append(std::span<Record* const> records) = 0;

  // The chores of storage that an append leaves behind, such as a checkpoint.
  // For the thread that appends, once it has answered whoever waits. What goes
  // wrong here shows in the next Append.
  virtual void AfterAppend() {}

  // Hands to `visit`, in order, the matching records after `request.after`,
  // until a limit of the request is reached, always at least one if there is
  // one within `scan_max`. Returns S: every matching record with a sequence
  // in (after, S] was visited. S = `after` means that there is nothing more. A
  // read ends where a gap begins; one that begins there starts behind it.
  // What `visit` gets is views that are valid during the call: a reader that
  // only copies bytes on pays for nothing else; `body` is empty unless wanted.
  // It must be quick and not call the log, whose storage is held meanwhile.
  // DataLoss names the first record that is damaged or gone; those before it
  // were visited. Safe for concurrent use, also with Append.
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

  // Hands every duplicate key to `visit`, in any order, keys whose records
  // are gone included. DataLoss names the sequence of a damaged one. Safe for
  // concurrent use.
  virtual absl::Status VisitDuplicateKeys(
      const std::function<void(const Digest& key, std::uint64_t sequence)>&
          visit) = 0;

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

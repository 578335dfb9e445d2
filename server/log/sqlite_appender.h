// The one connection that writes the log.

#ifndef TUCO_SERVER_LOG_SQLITE_APPENDER_H_
#define TUCO_SERVER_LOG_SQLITE_APPENDER_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/log/event_log.h"
#include "server/log/high_water_mark.h"
#include "server/log/record.h"
#include "server/log/sqlite_db.h"
#include "server/log/sqlite_position.h"
#include "server/log/sqlite_pruning.h"
#include "server/log/sqlite_quarantine.h"
#include "server/log/sqlite_readers.h"
#include "server/log/sqlite_subscriptions.h"

namespace tuco::log {

// One thread at a time, Probe excepted.
class SqliteAppender {
 public:
  // Puts everything that the file holds on stable storage: a process that was
  // killed between writing and syncing leaves records that nobody vouches for.
  static absl::StatusOr<std::unique_ptr<SqliteAppender>> Open(
      const SqliteLocation& location);

  // Reads the position; DataLoss when the newest record is damaged.
  absl::StatusOr<LogPosition> ReadPosition();

  // Begins the epoch that follows the loss of records up to `lost`, and moves
  // `position` there.
  absl::Status BeginEpoch(const Mark& lost, Timestamp now,
                          LogPosition& position);

  // Writes `batch`, whose records have their sequences, in one transaction and
  // syncs it; gives the quarantined deliveries their ids. The codes are those
  // of EventLog::Commit.
  absl::Status Commit(const Batch& batch);

  // As in EventLog. `position` is where the log stands before and after.
  absl::StatusOr<ForgottenKeys> ForgetKeys(const ForgetRequest& request,
                                           LogPosition& position);
  // Reads what is there on `old`, another connection.
  absl::StatusOr<KeyRepair> RepairKeys(SqliteDb& old, Timestamp now,
                                       LogPosition& position);
  // The two steps of EventLog::RemoveOldest.
  absl::StatusOr<OldRecords> FindOldest(const RemoveRequest& request,
                                        std::uint64_t removed_through);
  absl::Status RemoveThrough(std::uint64_t through);

  // Copies the write-ahead log into the main file when enough has gathered.
  void CheckpointIfDue(SqliteReaders& readers);

  // Why nothing can be appended until the log is opened again, OK otherwise.
  // Safe for concurrent use.
  absl::Status Probe() const;

 private:
  SqliteAppender(std::string path, std::unique_ptr<SqliteDb> db)
      : path_(std::move(path)), db_(std::move(db)) {}
  absl::Status PrepareStatements();
  absl::Status MakeDurable();
  // Runs `write` in a transaction of its own and syncs it.
  absl::Status Transact(absl::FunctionRef<absl::Status()> write);
  absl::Status Write(const Batch& batch);
  absl::Status WriteQuarantine(const Batch& batch);

  const std::string path_;
  const std::unique_ptr<SqliteDb> db_;
  SqliteStatement begin_;
  SqliteStatement commit_;
  SqliteStatement insert_event_;
  SqliteStatement insert_key_;
  std::unique_ptr<SqliteQuarantine> quarantine_;
  std::uint64_t quarantine_id_ = 0;  // The newest that was given.
  std::unique_ptr<SqliteSubscriptions> subscriptions_;
  int checkpointed_at_frames_ = 0;
  std::atomic<bool> storage_failed_ = false;
};

}  // namespace tuco::log

#endif  // TUCO_SERVER_LOG_SQLITE_APPENDER_H_

#include "server/log/sqlite_appender.h"

#include <algorithm>
#include <chrono>

#include "absl/strings/str_cat.h"
#include "server/base/status_macros.h"
#include "server/log/sqlite_drift.h"
#include "server/log/sqlite_epochs.h"
#include "server/log/sqlite_file.h"
#include "server/log/sqlite_key_repair.h"
#include "server/log/sqlite_rows.h"

namespace tuco::log {
namespace {

// Frames of 8 KiB in the write-ahead log between two checkpoints.
constexpr int kCheckpointFrames = 1'000;
// From here on a checkpoint waits for the readers under way to end, or else
// they could keep the log from ever starting over: 32 MiB.
constexpr int kDrainFrames = 4'000;

}  // namespace

absl::StatusOr<std::unique_ptr<SqliteAppender>> SqliteAppender::Open(
    const SqliteLocation& location) {
  TUCO_ASSIGN_OR_RETURN(std::unique_ptr<SqliteDb> db, OpenForWriting(location));
  std::unique_ptr<SqliteAppender> appender(
      new SqliteAppender(location.path, std::move(db)));
  TUCO_RETURN_IF_ERROR(appender->PrepareStatements());
  TUCO_RETURN_IF_ERROR(appender->MakeDurable());
  return appender;
}

absl::Status SqliteAppender::PrepareStatements() {
  TUCO_ASSIGN_OR_RETURN(begin_, db_->Prepare("BEGIN IMMEDIATE"));
  TUCO_ASSIGN_OR_RETURN(commit_, db_->Prepare("COMMIT"));
  TUCO_ASSIGN_OR_RETURN(insert_event_, db_->Prepare(EventInsert()));
  TUCO_ASSIGN_OR_RETURN(insert_key_, db_->Prepare(KeyInsert()));
  TUCO_ASSIGN_OR_RETURN(quarantine_, SqliteQuarantine::Open(*db_));
  TUCO_ASSIGN_OR_RETURN(quarantine_id_, quarantine_->NewestId());
  TUCO_ASSIGN_OR_RETURN(subscriptions_, SqliteSubscriptions::Open(*db_));
  return absl::OkStatus();
}

absl::Status SqliteAppender::MakeDurable() {
  // Also where a checkpoint copies all of it into the main file: a part of the
  // journal that is on the disk, where the rest of it never got, would count
  // for more than the main file after a power cut.
  TUCO_RETURN_IF_ERROR(db_->RewriteWal());
  const absl::Status status = db_->CheckpointPassive().status();
  // Busy or full are tried again with the appends.
  return absl::IsDataLoss(status) ? status : absl::OkStatus();
}

absl::StatusOr<LogPosition> SqliteAppender::ReadPosition() {
  TUCO_ASSIGN_OR_RETURN(LogPosition position, ReadLogPosition(*db_));
  TUCO_ASSIGN_OR_RETURN(
      SqliteStatement newest,
      db_->Prepare(EventSelect("ORDER BY sequence DESC LIMIT 1")));
  TUCO_ASSIGN_OR_RETURN(const bool found, newest.Step());
  if (!found) return position;
  TUCO_ASSIGN_OR_RETURN(const RecordColumns columns, EventAt(newest));
  position.epoch = std::max(position.epoch, columns.epoch);
  position.recorded_at =
      Timestamp(std::chrono::microseconds(columns.recorded_at_us));
  return position;
}

absl::Status SqliteAppender::BeginEpoch(const Mark& lost, Timestamp now,
                                        LogPosition& position) {
  // The epochs that were lost with their records count as well.
  const EpochRow row{.epoch = std::max(position.epoch, lost.epoch) + 1,
                     .first_sequence = FirstOfNextEpoch(lost.sequence),
                     .lost_after = position.head,
                     .began_at = now};
  TUCO_RETURN_IF_ERROR(InsertEpoch(*db_, row));
  position.epoch = row.epoch;
  position.head = row.first_sequence - 1;
  position.gaps.push_back({.from = row.lost_after + 1, .to = position.head});
  return absl::OkStatus();
}

absl::Status SqliteAppender::Transact(absl::FunctionRef<absl::Status()> write) {
  TUCO_RETURN_IF_ERROR(Probe());
  absl::Status status = begin_.Run();
  if (status.ok()) status = write();
  if (status.ok()) status = commit_.Run();
  if (!status.ok()) {
    db_->Rollback();
    if (db_->sync_failed()) storage_failed_ = true;
  }
  return status;
}

absl::Status SqliteAppender::Commit(const Batch& batch) {
  const std::uint64_t quarantine_id = quarantine_id_;
  absl::Status status = Transact([&] { return Write(batch); });
  if (!status.ok()) quarantine_id_ = quarantine_id;
  return status;
}

absl::Status SqliteAppender::Write(const Batch& batch) {
  for (const Record* const record : batch.records) {
    const RecordColumns columns = ColumnsOf(*record);
    BindEvent(columns, insert_event_);
    TUCO_RETURN_IF_ERROR(insert_event_.Run());
    // Named, since the statement reads its key when it runs.
    const KeyColumns key{.sequence = record->sequence,
                         .key = record->duplicate_key,
                         .received_at_us = columns.received_at_us,
                         .occurred_at_us = columns.occurred_at_us};
    BindKey(key, insert_key_);
    TUCO_RETURN_IF_ERROR(insert_key_.Run());
  }
  for (const DriftName& name : batch.drift) {
    TUCO_RETURN_IF_ERROR(WriteDriftName(*db_, name));
  }
  TUCO_RETURN_IF_ERROR(WriteQuarantine(batch));
  return subscriptions_->Apply(batch.subscriptions);
}

absl::Status SqliteAppender::WriteQuarantine(const Batch& batch) {
  for (QuarantineEntry* const entry : batch.quarantined) {
    entry->id = ++quarantine_id_;
    TUCO_RETURN_IF_ERROR(quarantine_->Insert(*entry));
  }
  for (const QuarantineUpdate& update : batch.updates) {
    absl::Status status = quarantine_->Update(update);
    if (absl::IsNotFound(status) || absl::IsFailedPrecondition(status)) {
      continue;
    }
    TUCO_RETURN_IF_ERROR(status);
  }
  for (const std::uint64_t id : batch.evicted) {
    TUCO_RETURN_IF_ERROR(quarantine_->Remove(id));
  }
  return absl::OkStatus();
}

absl::StatusOr<ForgottenKeys> SqliteAppender::ForgetKeys(
    const ForgetRequest& request, LogPosition& position) {
  Timestamp horizon = position.dedup_horizon;
  TUCO_ASSIGN_OR_RETURN(ForgottenKeys keys,
                        FindOldKeys(*db_, request, horizon));
  if (keys.keys.empty()) return keys;
  TUCO_RETURN_IF_ERROR(
      Transact([&] { return DeleteKeys(*db_, keys, horizon); }));
  position.dedup_horizon = horizon;
  return keys;
}

absl::StatusOr<KeyRepair> SqliteAppender::RepairKeys(SqliteDb& old,
                                                     Timestamp now,
                                                     LogPosition& position) {
  LogPosition repaired = position;
  KeyRepair repair;
  const absl::Status status = Transact([&]() -> absl::Status {
    TUCO_ASSIGN_OR_RETURN(repair, RepairKeyTable(old, *db_, now, repaired));
    return absl::OkStatus();
  });
  if (!status.ok()) return status;
  position = std::move(repaired);
  return repair;
}

absl::StatusOr<OldRecords> SqliteAppender::FindOldest(
    const RemoveRequest& request, std::uint64_t removed_through) {
  return FindOldRecords(*db_, request, removed_through);
}

absl::Status SqliteAppender::RemoveThrough(std::uint64_t through) {
  return Transact([&] { return DeleteRecords(*db_, through); });
}

void SqliteAppender::CheckpointIfDue(SqliteReaders& readers) {
  const int frames = db_->wal_frames();
  // The log started over since.
  if (frames < checkpointed_at_frames_) checkpointed_at_frames_ = 0;
  if (storage_failed_ || frames - checkpointed_at_frames_ < kCheckpointFrames) {
    return;
  }
  // Also where it fails: an outside reader must not make every batch try.
  checkpointed_at_frames_ = frames;
  const auto gate = readers.CloseGate(/*drain=*/frames >= kDrainFrames);
  const absl::Status status = db_->CheckpointPassive().status();
  // Busy or full are tried again; the records are safe where they are.
  if (absl::IsDataLoss(status)) storage_failed_ = true;
}

absl::Status SqliteAppender::Probe() const {
  if (!storage_failed_) return absl::OkStatus();
  return absl::DataLossError(absl::StrCat(
      path_, ": storage failed, and what was written last may or may not be ",
      "in it; nothing is appended until the server is started again"));
}

}  // namespace tuco::log

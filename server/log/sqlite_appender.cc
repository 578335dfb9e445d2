#include "server/log/sqlite_appender.h"

#include <algorithm>
#include <chrono>

#include "absl/strings/str_cat.h"
#include "server/base/status_macros.h"
#include "server/log/sqlite_epochs.h"
#include "server/log/sqlite_file.h"
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
  return absl::OkStatus();
}

absl::Status SqliteAppender::MakeDurable() {
  const absl::StatusOr<CheckpointResult> result = db_->CheckpointPassive();
  if (absl::IsDataLoss(result.status())) return result.status();
  if (result.ok() && result->copied == result->frames) return absl::OkStatus();
  // Somebody outside reads an older state, or there is no space.
  return db_->RewriteWal();
}

absl::StatusOr<LogPosition> SqliteAppender::ReadPosition() {
  LogPosition position;
  TUCO_ASSIGN_OR_RETURN(const std::int64_t newest_key,
                        db_->QueryInt("SELECT max(sequence) "
                                      "FROM duplicate_keys"));
  TUCO_ASSIGN_OR_RETURN(const std::int64_t epoch,
                        db_->QueryInt("SELECT value FROM meta "
                                      "WHERE key = 'epoch'"));
  TUCO_ASSIGN_OR_RETURN(const std::vector<EpochRow> epochs, ReadEpochs(*db_));
  // A key outlives its record: no number is used again after retention.
  position.head = static_cast<std::uint64_t>(newest_key);
  position.epoch = static_cast<std::uint64_t>(epoch);
  position.gaps = GapsOf(epochs);
  if (!epochs.empty()) {
    position.head = std::max(position.head, epochs.back().first_sequence - 1);
    position.epoch = std::max(position.epoch, epochs.back().epoch);
  }
  // Of an empty log: also what was lost is behind a reader who starts there.
  position.first =
      epochs.empty() || position.head >= epochs.back().first_sequence
          ? position.head + 1
          : epochs.back().lost_after + 1;
  TUCO_ASSIGN_OR_RETURN(
      SqliteStatement newest,
      db_->Prepare(EventSelect("ORDER BY sequence DESC LIMIT 1")));
  TUCO_ASSIGN_OR_RETURN(const bool found, newest.Step());
  if (!found) return position;
  TUCO_ASSIGN_OR_RETURN(const RecordColumns columns, EventAt(newest));
  TUCO_ASSIGN_OR_RETURN(const std::int64_t oldest,
                        db_->QueryInt("SELECT min(sequence) FROM events"));
  position.first = static_cast<std::uint64_t>(oldest);
  position.head = std::max(position.head, columns.sequence);
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

absl::Status SqliteAppender::Append(std::span<Record* const> records) {
  TUCO_RETURN_IF_ERROR(Probe());
  absl::Status status = InsertAndCommit(records);
  if (!status.ok()) {
    db_->Rollback();
    if (db_->sync_failed()) storage_failed_ = true;
  }
  return status;
}

absl::Status SqliteAppender::InsertAndCommit(std::span<Record* const> records) {
  TUCO_RETURN_IF_ERROR(begin_.Run());
  for (const Record* const record : records) {
    const RecordColumns columns = ColumnsOf(*record);
    BindEvent(columns, insert_event_);
    TUCO_RETURN_IF_ERROR(insert_event_.Run());
    BindKey(record->sequence, record->duplicate_key, insert_key_);
    TUCO_RETURN_IF_ERROR(insert_key_.Run());
  }
  return commit_.Run();
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

#include <algorithm>
#include <chrono>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "server/base/file_lock.h"
#include "server/base/logging.h"
#include "server/base/private_directory.h"
#include "server/base/status_macros.h"
#include "server/log/event_log.h"
#include "server/log/high_water_mark.h"
#include "server/log/read_errors.h"
#include "server/log/sqlite_appender.h"
#include "server/log/sqlite_drift.h"
#include "server/log/sqlite_file.h"
#include "server/log/sqlite_keys.h"
#include "server/log/sqlite_position.h"
#include "server/log/sqlite_quarantine.h"
#include "server/log/sqlite_readers.h"
#include "server/log/sqlite_rows.h"
#include "server/log/sqlite_scan.h"
#include "server/log/sqlite_subscriptions.h"

namespace tuco::log {
namespace {

// How often the mark is put on stable storage.
constexpr std::chrono::seconds kMarkSyncInterval{1};

// The pieces in the order in which they must come and go: the lock first and
// last.
struct Parts {
  base::FileLock lock;
  std::unique_ptr<HighWaterMark> mark;
  std::unique_ptr<SqliteAppender> appender;
  std::unique_ptr<SqliteReaders> readers;
  LogPosition position;
};

class SqliteLog final : public EventLog {
 public:
  SqliteLog(Parts parts, const SqliteLogOptions& options)
      : clock_(options.clock),
        files_(options.files),
        directory_(options.directory),
        lock_(std::move(parts.lock)),
        mark_(std::move(parts.mark)),
        appender_(std::move(parts.appender)),
        readers_(std::move(parts.readers)),
        gaps_(std::move(parts.position.gaps)),
        position_(std::move(parts.position)) {
    WriteMark({.epoch = position_.epoch, .sequence = position_.head});
    SyncMark();
  }
  ~SqliteLog() override { SyncMark(); }

  absl::Status Commit(const Batch& batch) override {
    if (batch.empty()) return absl::OkStatus();
    LogPosition position = this->position();
    if (!batch.records.empty()) {
      position.recorded_at = std::max(position.recorded_at, clock_.Now());
    }
    for (Record* const record : batch.records) {
      record->sequence = ++position.head;
      record->epoch = position.epoch;
      record->recorded_at = position.recorded_at;
    }
    TUCO_RETURN_IF_ERROR(appender_->Commit(batch));
    if (!batch.records.empty()) {
      WriteMark({.epoch = position.epoch, .sequence = position.head});
    }
    SetPosition(std::move(position));
    return absl::OkStatus();
  }

  absl::StatusOr<ForgottenKeys> ForgetKeys(
      const ForgetRequest& request) override {
    LogPosition position = this->position();
    absl::StatusOr<ForgottenKeys> keys =
        appender_->ForgetKeys(request, position);
    if (keys.ok()) SetPosition(std::move(position));
    return keys;
  }

  Timestamp dedup_horizon() const override { return position().dedup_horizon; }
  bool untimed_in_doubt() const override { return position().untimed_in_doubt; }

  absl::StatusOr<KeyRepair> RepairKeys() override {
    LogPosition position = this->position();
    position.gaps = gaps_;  // Which it has not in here.
    const auto reader = readers_->Borrow();
    absl::StatusOr<KeyRepair> repair =
        appender_->RepairKeys(*reader->db, clock_.Now(), position);
    if (repair.ok()) SetPosition(std::move(position));
    return repair;
  }

  absl::StatusOr<RemovedRecords> RemoveOldest(
      const RemoveRequest& request) override {
    const LogPosition before = position();
    TUCO_ASSIGN_OR_RETURN(const OldRecords old,
                          appender_->FindOldest(request, before.first - 1));
    if (old.count > 0) {
      // First, so that a reader who does not find them knows why.
      SetFirst(old.through + 1);
      absl::Status status = appender_->RemoveThrough(old.through);
      if (!status.ok()) {
        SetFirst(before.first);
        return status;
      }
    }
    return RemovedRecords{.count = old.count, .end = old.end};
  }

  void AfterAppend() override {
    appender_->CheckpointIfDue(*readers_);
    const Timestamp now = clock_.Now();
    // A clock that went back counts as well.
    if (now < mark_synced_at_ || now - mark_synced_at_ >= kMarkSyncInterval) {
      SyncMark();
      mark_synced_at_ = now;
    }
  }

  absl::StatusOr<std::uint64_t> Read(
      const ReadRequest& request, const Filter& filter,
      const std::function<void(const RecordColumns&)>& visit) override {
    absl::StatusOr<std::uint64_t> scanned = ScanOnce(request, filter, visit);
    // They may have been removed while the scan began: it ends at once then.
    if (!scanned.ok() && request.after + 1 < bounds().first) {
      return RemovedError(request.after, bounds().first);
    }
    return scanned;
  }

  const std::vector<Gap>& gaps() const override { return gaps_; }

  Bounds bounds() const override {
    const std::lock_guard lock(position_mutex_);
    return {.first = position_.first,
            .head = position_.head,
            .epoch = position_.epoch};
  }

  // Halves the range: recorded_at never decreases.
  absl::StatusOr<std::uint64_t> FirstRecordedAt(Timestamp time) override {
    const Bounds bounds = this->bounds();
    std::uint64_t low = bounds.first;
    std::uint64_t found = bounds.head + 1;
    std::uint64_t high = found;
    // Behind the newest record there may be gaps, which have no time.
    for (std::size_t i = gaps_.size(); i-- > 0;) {
      if (gaps_[i].to + 1 == high) high = gaps_[i].from;
    }
    while (low < high) {
      const std::uint64_t middle = low + (high - low) / 2;
      TUCO_ASSIGN_OR_RETURN(const LogPosition at, PositionAt(middle));
      if (at.recorded_at >= time) {
        found = at.head;
        high = middle;
      } else {
        low = at.head + 1;
      }
    }
    return found;
  }

  absl::Status VisitDuplicateKeys(
      const std::function<void(const Digest& key, std::uint64_t sequence)>&
          visit) override {
    const std::uint64_t head = bounds().head;
    const auto reader = readers_->Borrow();
    const StatementReset reset(reader->keys);
    return ScanKeys(*reader->db, reader->keys, gaps_, head, visit);
  }

  absl::StatusOr<std::optional<Digest>> KeyOf(std::uint64_t sequence) override {
    const auto reader = readers_->Borrow();
    SqliteStatement& select = reader->key_of;
    const StatementReset reset(select);
    select.BindInt(1, static_cast<std::int64_t>(sequence));
    TUCO_ASSIGN_OR_RETURN(const bool found, select.Step());
    if (!found) return std::nullopt;
    TUCO_ASSIGN_OR_RETURN(const KeyColumns row, KeyAt(select));
    return row.key;
  }

  absl::StatusOr<std::uint64_t> ReadQuarantine(
      const QuarantineRequest& request,
      const QuarantineVisitor& visit) override {
    const auto reader = readers_->Borrow();
    return ReadQuarantineRows(*reader->db, request, visit);
  }

  absl::Status VisitDriftNames(
      const std::function<void(const DriftName&)>& visit) override {
    const auto reader = readers_->Borrow();
    return VisitDriftRows(*reader->db, visit);
  }

  absl::Status ReadSubscriptions(const SubscriptionVisitor& visit) override {
    const auto reader = readers_->Borrow();
    return ReadSubscriptionRows(*reader->db, visit);
  }

  absl::StatusOr<std::uint64_t> ReadParked(
      const ParkedRequest& request, const ParkedVisitor& visit) override {
    const auto reader = readers_->Borrow();
    return ReadParkedRows(*reader->db, request, visit);
  }

  LogSize size() const override {
    LogSize size{.database_bytes = SizeOf("/events.db"),
                 .wal_bytes = SizeOf("/events.db-wal"),
                 .free_bytes = std::nullopt};
    const absl::StatusOr<base::VolumeSpace> space = files_.SpaceAt(directory_);
    if (space.ok()) size.free_bytes = space->free_bytes;
    return size;
  }

  absl::Status Probe() override { return appender_->Probe(); }

 private:
  // The files are SQLite's: they must not be opened.
  std::optional<std::uint64_t> SizeOf(const char* name) const {
    const absl::StatusOr<std::uint64_t> size = files_.SizeOf(directory_ + name);
    return size.ok() ? std::optional(*size) : std::nullopt;
  }

  LogPosition position() const {
    const std::lock_guard lock(position_mutex_);
    return position_;
  }
  void SetPosition(LogPosition position) {
    const std::lock_guard lock(position_mutex_);
    position_ = std::move(position);
  }
  void SetFirst(std::uint64_t first) {
    const std::lock_guard lock(position_mutex_);
    position_.first = first;
  }

  absl::StatusOr<std::uint64_t> ScanOnce(
      const ReadRequest& request, const Filter& filter,
      const std::function<void(const RecordColumns&)>& visit) {
    const Bounds bounds = this->bounds();
    if (request.after >= bounds.head) return request.after;
    if (request.after + 1 < bounds.first) {
      return RemovedError(request.after, bounds.first);
    }
    const auto reader = readers_->Borrow();
    SqliteStatement& scan = reader->behind;
    const StatementReset reset(scan);
    scan.BindInt(1, static_cast<std::int64_t>(request.after));
    return ScanRecords(scan, request, filter, visit,
                       SequenceCheck(request.after, bounds, gaps_));
  }

  // Where the first record at or after `sequence` stands, which there is. One
  // behind a hole is not the first: it is not known what the others were.
  absl::StatusOr<LogPosition> PositionAt(std::uint64_t sequence) {
    const auto reader = readers_->Borrow();
    SqliteStatement& select = reader->at_or_after;
    const StatementReset reset(select);
    select.BindInt(1, static_cast<std::int64_t>(sequence));
    const absl::StatusOr<bool> found = select.Step();
    if (!found.ok()) return AtRecord(sequence, found.status());
    if (!*found) {
      return absl::DataLossError(
          absl::StrCat("record ", sequence, " is not in the log any more"));
    }
    TUCO_ASSIGN_OR_RETURN(const RecordColumns columns, EventAt(select));
    // It may have been removed since.
    if (const Bounds bounds = this->bounds(); sequence >= bounds.first) {
      SequenceCheck check(sequence - 1, bounds, gaps_);
      TUCO_RETURN_IF_ERROR(check.Next(columns));
    }
    return LogPosition{.head = columns.sequence,
                       .epoch = columns.epoch,
                       .recorded_at = Timestamp(
                           std::chrono::microseconds(columns.recorded_at_us))};
  }

  // The log is right without the mark: what goes wrong with it is said, and
  // costs that a loss might not be noticed.
  void WriteMark(const Mark& mark) { NoteMarkStatus(mark_->Write(mark)); }
  void SyncMark() {
    if (mark_->unsynced()) NoteMarkStatus(mark_->Sync());
  }
  void NoteMarkStatus(const absl::Status& status) {
    const bool was_ok = std::exchange(mark_ok_, status.ok());
    if (status.ok() || !was_ok) return;
    base::Log(base::Severity::kWarning,
              "the high-water mark cannot be kept: a loss of the newest events "
              "might not be noticed",
              {{"error", absl::StrCat(status.message())}});
  }

  const base::Clock& clock_;
  base::FileSystem& files_;
  const std::string directory_;
  const base::FileLock lock_;
  const std::unique_ptr<HighWaterMark> mark_;
  bool mark_ok_ = true;
  Timestamp mark_synced_at_;  // 1970 before the first time.
  const std::unique_ptr<SqliteAppender> appender_;
  const std::unique_ptr<SqliteReaders> readers_;
  const std::vector<Gap> gaps_;

  mutable std::mutex position_mutex_;
  LogPosition position_ ABSL_GUARDED_BY(position_mutex_);
};

// Compares the log with its mark. Records that the mark knows and the log does
// not have are lost: that is said, and an epoch begins.
absl::Status CheckMark(HighWaterMark& mark, SqliteAppender& appender,
                       Timestamp now, LogPosition& position) {
  if (mark.damaged()) {
    base::Log(base::Severity::kWarning,
              "the high-water mark is damaged: it is not known whether the "
              "newest events are there");
  }
  const Mark marked = mark.found().value_or(Mark{});
  if (marked.sequence > position.head) {
    const std::uint64_t lost_from = position.head + 1;
    TUCO_RETURN_IF_ERROR(appender.BeginEpoch(marked, now, position));
    base::Log(
        base::Severity::kError,
        "events that were acknowledged are gone from the log; readers are "
        "told of a gap",
        {{"lost_from", std::to_string(lost_from)},
         {"lost_through_at_least", std::to_string(marked.sequence)},
         {"epoch", std::to_string(position.epoch)},
         {"next_sequence", std::to_string(position.head + 1)}});
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::unique_ptr<EventLog>> OpenSqliteLog(
    const SqliteLogOptions& options) {
  const std::string& directory = options.directory;
  const SqliteLocation location{.path = directory + "/events.db",
                                .vfs = options.sqlite_vfs};
  TUCO_RETURN_IF_ERROR(base::MakePrivateDirectory(options.files, directory));
  TUCO_ASSIGN_OR_RETURN(
      base::FileLock lock,
      base::FileLock::Acquire(options.files, directory + "/lock"));
  TUCO_RETURN_IF_ERROR(PrepareLogFile(options.files, directory, location));
  TUCO_ASSIGN_OR_RETURN(std::unique_ptr<SqliteAppender> appender,
                        SqliteAppender::Open(location));
  // Of the journal that SQLite may have made just now: it syncs the name too,
  // but goes on where that fails.
  TUCO_RETURN_IF_ERROR(options.files.SyncDirectory(directory));
  TUCO_ASSIGN_OR_RETURN(LogPosition position, appender->ReadPosition());
  TUCO_ASSIGN_OR_RETURN(std::unique_ptr<HighWaterMark> mark,
                        HighWaterMark::Open(options.files, directory));
  TUCO_RETURN_IF_ERROR(
      CheckMark(*mark, *appender, options.clock.Now(), position));
  TUCO_ASSIGN_OR_RETURN(std::unique_ptr<SqliteReaders> readers,
                        SqliteReaders::Open(location));
  return std::make_unique<SqliteLog>(
      Parts{std::move(lock), std::move(mark), std::move(appender),
            std::move(readers), std::move(position)},
      options);
}

}  // namespace tuco::log

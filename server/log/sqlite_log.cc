#include <algorithm>
#include <chrono>
#include <mutex>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "server/base/file_lock.h"
#include "server/base/private_directory.h"
#include "server/base/status_macros.h"
#include "server/log/event_log.h"
#include "server/log/read_budget.h"
#include "server/log/sqlite_appender.h"
#include "server/log/sqlite_file.h"
#include "server/log/sqlite_readers.h"
#include "server/log/sqlite_rows.h"

namespace tuco::log {
namespace {

// A new epoch begins at a multiple of this, the only place where the sequence
// may leave numbers out.
constexpr std::uint64_t kEpochStep = std::uint64_t{1} << 20;

// Follows the sequence of a scan and notices the record that is not there.
class SequenceCheck {
 public:
  SequenceCheck(std::uint64_t after, const Bounds& bounds)
      : expected_(std::max(after + 1, bounds.first)), head_(bounds.head) {}

  absl::Status Next(const RecordColumns& columns) {
    const bool epoch_begins =
        columns.epoch > 1 && columns.sequence % kEpochStep == 0;
    if (columns.sequence != expected_ && !epoch_begins) return Missing();
    expected_ = columns.sequence + 1;
    return absl::OkStatus();
  }
  absl::Status End() const {
    return expected_ <= head_ ? Missing() : absl::OkStatus();
  }
  std::uint64_t expected() const { return expected_; }

 private:
  absl::Status Missing() const {
    return absl::DataLossError(
        absl::StrCat("record ", expected_, " is not in the log any more"));
  }

  std::uint64_t expected_;
  const std::uint64_t head_;
};

// `status` as the failure to read record `sequence`.
absl::Status AtRecord(std::uint64_t sequence, const absl::Status& status) {
  return absl::Status(
      status.code(),
      absl::StrCat("cannot read record ", sequence, ": ", status.message()));
}

// The pieces in the order in which they must come and go: the lock first and
// last.
struct Parts {
  base::FileLock lock;
  std::unique_ptr<SqliteAppender> appender;
  std::unique_ptr<SqliteReaders> readers;
  LogPosition position;
};

class SqliteLog final : public EventLog {
 public:
  SqliteLog(Parts parts, const base::Clock& clock)
      : clock_(clock),
        lock_(std::move(parts.lock)),
        appender_(std::move(parts.appender)),
        readers_(std::move(parts.readers)),
        recorded_at_(parts.position.recorded_at),
        bounds_{.first = parts.position.first,
                .head = parts.position.head,
                .epoch = parts.position.epoch} {}

  absl::Status Append(std::span<Record* const> records) override {
    if (records.empty()) return absl::OkStatus();
    const Bounds before = bounds();
    const Timestamp now = std::max(recorded_at_, clock_.Now());
    std::uint64_t sequence = before.head;
    for (Record* const record : records) {
      record->sequence = ++sequence;
      record->epoch = before.epoch;
      record->recorded_at = now;
    }
    TUCO_RETURN_IF_ERROR(appender_->Append(records));
    recorded_at_ = now;
    const std::lock_guard lock(bounds_mutex_);
    bounds_.head = sequence;
    return absl::OkStatus();
  }

  void AfterAppend() override { appender_->CheckpointIfDue(*readers_); }

  absl::StatusOr<std::uint64_t> Read(
      const ReadRequest& request, const Filter& filter,
      const std::function<void(const RecordColumns&)>& visit) override {
    const Bounds bounds = this->bounds();
    if (request.after >= bounds.head) return request.after;
    const auto reader = readers_->Borrow();
    SqliteStatement& scan = reader->behind;
    const StatementReset reset(scan);
    scan.BindInt(1, static_cast<std::int64_t>(request.after));
    return Scan(scan, request, filter, visit,
                SequenceCheck(request.after, bounds));
  }

  Bounds bounds() const override {
    const std::lock_guard lock(bounds_mutex_);
    return bounds_;
  }

  // Halves the range: recorded_at never decreases.
  absl::StatusOr<std::uint64_t> FirstRecordedAt(Timestamp time) override {
    const Bounds bounds = this->bounds();
    std::uint64_t low = bounds.first;
    std::uint64_t high = bounds.head + 1;
    std::uint64_t found = high;
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
    const auto reader = readers_->Borrow();
    SqliteStatement& scan = reader->keys;
    const StatementReset reset(scan);
    while (true) {
      TUCO_ASSIGN_OR_RETURN(const bool found, scan.Step());
      if (!found) return absl::OkStatus();
      TUCO_ASSIGN_OR_RETURN(const KeyRow row, KeyAt(scan));
      visit(row.key, row.sequence);
    }
  }

  absl::Status Probe() override { return appender_->Probe(); }

 private:
  static absl::StatusOr<std::uint64_t> Scan(
      SqliteStatement& scan, const ReadRequest& request, const Filter& filter,
      const std::function<void(const RecordColumns&)>& visit,
      SequenceCheck check) {
    ReadBudget budget(request);
    std::uint64_t scanned = request.after;
    while (!budget.Spent()) {
      const absl::StatusOr<bool> found = scan.Step();
      if (!found.ok()) return AtRecord(check.expected(), found.status());
      if (!*found) {
        TUCO_RETURN_IF_ERROR(check.End());
        break;
      }
      // The whole row, also of a record that nobody wants here: a damaged
      // column could be why it does not match.
      TUCO_ASSIGN_OR_RETURN(RecordColumns columns, EventAt(scan));
      TUCO_RETURN_IF_ERROR(check.Next(columns));
      if (filter.Matches(columns)) {
        if (!request.bodies) columns.body = {};
        const std::size_t bytes = columns.event.size() + columns.body.size();
        if (!budget.Fits(bytes)) break;
        budget.CountRecord(bytes);
        visit(columns);
      }
      budget.CountRow();
      scanned = columns.sequence;
    }
    return scanned;
  }

  // Where the first record at or after `sequence` stands, which there is.
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
    return LogPosition{.head = columns.sequence,
                       .epoch = columns.epoch,
                       .recorded_at = Timestamp(
                           std::chrono::microseconds(columns.recorded_at_us))};
  }

  const base::Clock& clock_;
  const base::FileLock lock_;
  const std::unique_ptr<SqliteAppender> appender_;
  const std::unique_ptr<SqliteReaders> readers_;
  Timestamp recorded_at_;  // Of the head; for the thread that appends.

  mutable std::mutex bounds_mutex_;
  Bounds bounds_ ABSL_GUARDED_BY(bounds_mutex_);
};

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
                        SqliteAppender::Open(location, options.clock.Now()));
  TUCO_ASSIGN_OR_RETURN(const LogPosition position, appender->ReadPosition());
  TUCO_ASSIGN_OR_RETURN(std::unique_ptr<SqliteReaders> readers,
                        SqliteReaders::Open(location));
  return std::make_unique<SqliteLog>(
      Parts{std::move(lock), std::move(appender), std::move(readers), position},
      options.clock);
}

}  // namespace tuco::log

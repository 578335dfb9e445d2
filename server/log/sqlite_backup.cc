#include "server/log/sqlite_backup.h"

#include <memory>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/base/status_macros.h"
#include "server/log/high_water_mark.h"
#include "server/log/sqlite_db.h"
#include "server/log/sqlite_epochs.h"
#include "server/log/sqlite_file.h"
#include "server/log/sqlite_keys.h"
#include "server/log/sqlite_meta.h"
#include "server/log/sqlite_position.h"
#include "server/log/sqlite_pruning.h"
#include "server/log/sqlite_quarantine.h"
#include "server/log/sqlite_rows.h"
#include "server/log/sqlite_subscriptions.h"

namespace tuco::log {
namespace {

using base::FileSystem;

// What SQLite may put beside a database.
constexpr const char* kSuffixes[] = {"", "-journal", "-wal", "-shm"};

std::string FolderOf(const std::string& path) {
  const std::size_t slash = path.find_last_of('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

// Removes what a copy that was broken off has left.
absl::Status RemoveAll(FileSystem& files, const std::string& path) {
  for (const char* const suffix : kSuffixes) {
    absl::Status removed = files.Remove(path + suffix);
    if (!removed.ok() && !absl::IsNotFound(removed)) return removed;
  }
  return absl::OkStatus();
}

absl::Status CheckPaths(FileSystem& files, const std::string& log,
                        const std::string& to) {
  TUCO_ASSIGN_OR_RETURN(const FileSystem::PathKind source, files.KindOf(log));
  if (source == FileSystem::PathKind::kNothing) {
    return absl::NotFoundError(absl::StrCat("there is no event log at ", log));
  }
  TUCO_RETURN_IF_ERROR(CheckIsLog(files, log));
  TUCO_ASSIGN_OR_RETURN(const FileSystem::PathKind target, files.KindOf(to));
  if (target == FileSystem::PathKind::kNothing) return absl::OkStatus();
  return absl::AlreadyExistsError(
      absl::StrCat(to, " is there already: choose another name"));
}

absl::Status Copy(const std::string& from, const std::string& to,
                  const BackupProgress& progress) {
  TUCO_ASSIGN_OR_RETURN(const std::unique_ptr<SqliteDb> source,
                        OpenForReading({.path = from, .vfs = ""}));
  TUCO_ASSIGN_OR_RETURN(
      const std::unique_ptr<SqliteDb> copy,
      SqliteDb::Open({.path = to, .vfs = ""}, SqliteDb::Access::kReadWrite));
  return source->CopyTo(*copy, progress);
}

// Reads everything, as no server has to when it starts.
absl::StatusOr<BackupReport> CheckRows(SqliteDb& db) {
  BackupReport report;
  TUCO_ASSIGN_OR_RETURN(SqliteStatement events,
                        db.Prepare(EventSelect("ORDER BY sequence")));
  while (true) {
    TUCO_ASSIGN_OR_RETURN(const bool found, events.Step());
    if (!found) break;
    TUCO_ASSIGN_OR_RETURN(const RecordColumns columns, EventAt(events));
    if (report.events++ == 0) report.first = columns.sequence;
    report.last = columns.sequence;
  }
  TUCO_ASSIGN_OR_RETURN(const std::vector<EpochRow> epochs, ReadEpochs(db));
  TUCO_ASSIGN_OR_RETURN(SqliteStatement keys,
                        db.Prepare(KeySelect("ORDER BY sequence")));
  TUCO_RETURN_IF_ERROR(ScanKeys(db, keys, GapsOf(epochs), report.last,
                                [](const Digest&, std::uint64_t) {}));
  TUCO_RETURN_IF_ERROR(ReadMeta(db, kRemovedThroughKey).status());
  TUCO_RETURN_IF_ERROR(ReadDedupHorizon(db).status());
  TUCO_RETURN_IF_ERROR(
      ReadQuarantineRows(db, {.entries_max = SIZE_MAX, .bodies = false},
                         [](const QuarantineEntry&) {})
          .status());
  TUCO_RETURN_IF_ERROR(CheckSubscriptionRows(db));
  return report;
}

// Brings the copy up to this version, checks it, and leaves it without a
// journal.
absl::StatusOr<BackupReport> Finish(const std::string& path,
                                    const Mark& marked) {
  TUCO_ASSIGN_OR_RETURN(const std::unique_ptr<SqliteDb> copy,
                        OpenForWriting({.path = path, .vfs = ""}));
  TUCO_ASSIGN_OR_RETURN(BackupReport report, CheckRows(*copy));
  TUCO_ASSIGN_OR_RETURN(const LogPosition position, ReadLogPosition(*copy));
  if (marked.sequence > position.head) {
    report.lost_from = position.head + 1;
    report.lost_through = marked.sequence;
  }
  TUCO_RETURN_IF_ERROR(copy->SetPersistentWal(false));
  TUCO_ASSIGN_OR_RETURN(const std::string mode,
                        copy->QueryText("PRAGMA journal_mode = DELETE"));
  if (mode != "delete") {
    return absl::InternalError(
        absl::StrCat(path, ": its journal mode is still ", mode));
  }
  return report;
}

absl::StatusOr<BackupReport> Make(FileSystem& files, const std::string& log,
                                  const std::string& made, const Mark& marked,
                                  const BackupProgress& progress) {
  TUCO_RETURN_IF_ERROR(RemoveAll(files, made));
  TUCO_RETURN_IF_ERROR(
      files.Open(made, FileSystem::OpenMode::kCreateNew).status());
  TUCO_RETURN_IF_ERROR(Copy(log, made, progress));
  TUCO_ASSIGN_OR_RETURN(BackupReport report, Finish(made, marked));
  TUCO_ASSIGN_OR_RETURN(const std::unique_ptr<base::File> file,
                        files.Open(made, FileSystem::OpenMode::kReadWrite));
  TUCO_RETURN_IF_ERROR(file->Sync());
  TUCO_ASSIGN_OR_RETURN(report.bytes, file->Size());
  return report;
}

}  // namespace

absl::StatusOr<BackupReport> BackUpLog(FileSystem& files,
                                       const std::string& directory,
                                       const std::string& to,
                                       const BackupProgress& progress) {
  const std::string log = directory + "/events.db";
  const std::string made = to + ".partial";
  TUCO_RETURN_IF_ERROR(CheckPaths(files, log, to));
  // Before the log, which a server writes before its mark.
  const Mark marked = ReadMark(files, directory).value_or(Mark{});
  absl::StatusOr<BackupReport> report =
      Make(files, log, made, marked, progress);
  if (!report.ok()) {
    // What went wrong first is what there is to say.
    RemoveAll(files, made).IgnoreError();
    return report;
  }
  TUCO_RETURN_IF_ERROR(files.Rename(made, to));
  TUCO_RETURN_IF_ERROR(files.SyncDirectory(FolderOf(to)));
  return report;
}

}  // namespace tuco::log

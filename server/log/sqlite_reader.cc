#include "server/log/sqlite_reader.h"

#include "absl/strings/str_cat.h"
#include "server/base/status_macros.h"
#include "server/log/high_water_mark.h"
#include "server/log/read_errors.h"
#include "server/log/sqlite_file.h"
#include "server/log/sqlite_rows.h"
#include "server/log/sqlite_scan.h"
#include "tuco/record_layout.h"

namespace tuco::log {

using base::FileSystem;

absl::StatusOr<std::unique_ptr<LogFileReader>> LogFileReader::Open(
    FileSystem& files, const std::string& directory) {
  const std::string path = directory + "/events.db";
  TUCO_ASSIGN_OR_RETURN(const FileSystem::PathKind kind, files.KindOf(path));
  if (kind == FileSystem::PathKind::kNothing) {
    return absl::NotFoundError(absl::StrCat("there is no event log at ", path));
  }
  TUCO_RETURN_IF_ERROR(CheckIsLog(files, path));
  // Before the log, which a server writes before its mark.
  const Mark marked = ReadMark(files, directory).value_or(Mark{});
  TUCO_ASSIGN_OR_RETURN(std::unique_ptr<SqliteDb> db,
                        OpenForReading({.path = path, .vfs = ""}));
  std::unique_ptr<LogFileReader> reader(
      new LogFileReader(std::move(db), marked.sequence));
  TUCO_RETURN_IF_ERROR(reader->Prepare(path));
  return reader;
}

absl::Status LogFileReader::Prepare(const std::string& path) {
  TUCO_ASSIGN_OR_RETURN(const std::int64_t version,
                        db_->QueryInt("PRAGMA user_version"));
  if (version != kLogSchemaVersion) {
    return absl::UnimplementedError(absl::StrCat(
        path, " has version ", version, " of the log's format and this ",
        "program reads version ", kLogSchemaVersion,
        ": a server that is started on it brings an older log up to date"));
  }
  TUCO_ASSIGN_OR_RETURN(
      behind_,
      db_->Prepare(EventSelect("WHERE sequence > ? ORDER BY sequence")));
  return ReadPosition();
}

absl::Status LogFileReader::ReadPosition() {
  TUCO_ASSIGN_OR_RETURN(position_, ReadLogPosition(*db_));
  return absl::OkStatus();
}

absl::StatusOr<std::uint64_t> LogFileReader::Read(
    const ReadRequest& request,
    const std::function<void(const RecordColumns&)>& visit) {
  // One transaction, so that the position is that of the rows.
  TUCO_RETURN_IF_ERROR(db_->Execute("BEGIN"));
  absl::StatusOr<std::uint64_t> scanned = ReadInside(request, visit);
  db_->Rollback();
  return scanned;
}

absl::StatusOr<std::uint64_t> LogFileReader::ReadInside(
    const ReadRequest& request,
    const std::function<void(const RecordColumns&)>& visit) {
  TUCO_RETURN_IF_ERROR(ReadPosition());
  if (request.after >= position_.head) return request.after;
  if (request.after + 1 < position_.first) {
    return RemovedError(request.after, position_.first);
  }
  const StatementReset reset(behind_);
  behind_.BindInt(1, static_cast<std::int64_t>(request.after));
  return ScanRecords(behind_, request, {}, visit,
                     SequenceCheck(request.after, bounds(), position_.gaps));
}

}  // namespace tuco::log

#include "server/log/sqlite_db.h"

#include <sqlite3.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/base/file_status.h"
#include "server/base/status_macros.h"

namespace tuco::log {
namespace {

// How long a statement waits for a lock that an outside process holds, such
// as the sqlite3 shell while it closes.
constexpr int kBusyTimeoutMs = 2'000;

// Pages that are copied at a time: 8 MiB.
constexpr int kCopyPages = 1'024;

// The write-ahead log is rewritten in pieces of this size; from 128 KiB on
// SQLite's VFS reads and writes less than it is asked for.
constexpr int kCopyBytes = 1 << 16;

// What is bound stays where it is until the statement has run.
constexpr sqlite3_destructor_type kCallerKeepsBytes = SQLITE_STATIC;

bool IsFailedSync(int result) {
  return result == SQLITE_IOERR_FSYNC || result == SQLITE_IOERR_DIR_FSYNC;
}

absl::StatusCode CodeOf(int result) {
  switch (result & 0xff) {
    case SQLITE_FULL:
      return absl::StatusCode::kResourceExhausted;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return absl::StatusCode::kUnavailable;
    case SQLITE_PERM:
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
      return absl::StatusCode::kPermissionDenied;
    case SQLITE_CONSTRAINT:  // Somebody else wrote what this one appends.
    case SQLITE_ERROR:       // Our statements do not fit the tables.
    case SQLITE_IOERR:
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return absl::StatusCode::kDataLoss;
    default:
      return absl::StatusCode::kInternal;
  }
}

// Likewise, where the system's number for what went wrong is known: SQLite
// says no more than that there was an error when it has no space for its
// shared memory, reaches a quota or finds the disk read-only.
absl::StatusCode CodeOf(int result, int error_number) {
  const int primary = result & 0xff;
  const absl::StatusCode code = base::FileErrorCode(error_number);
  const bool told = code == absl::StatusCode::kResourceExhausted ||
                    code == absl::StatusCode::kPermissionDenied ||
                    code == absl::StatusCode::kDataLoss;
  const bool asked = primary == SQLITE_IOERR || primary == SQLITE_CANTOPEN;
  return asked && told && !IsFailedSync(result) ? code : CodeOf(result);
}

}  // namespace

void SqliteStatement::Finalize::operator()(sqlite3_stmt* statement) const {
  sqlite3_finalize(statement);
}

void SqliteStatement::BindInt(int parameter, std::int64_t value) {
  sqlite3_bind_int64(statement_.get(), parameter, value);
}

void SqliteStatement::BindText(int parameter, std::string_view value) {
  sqlite3_bind_text64(statement_.get(), parameter, value.data(), value.size(),
                      kCallerKeepsBytes, SQLITE_UTF8);
}

void SqliteStatement::BindBlob(int parameter, std::string_view value) {
  sqlite3_bind_blob64(statement_.get(), parameter, value.data(), value.size(),
                      kCallerKeepsBytes);
}

void SqliteStatement::BindNull(int parameter) {
  sqlite3_bind_null(statement_.get(), parameter);
}

absl::StatusOr<bool> SqliteStatement::Step() {
  const int result = sqlite3_step(statement_.get());
  if (result == SQLITE_ROW) return true;
  if (result == SQLITE_DONE) return false;
  return db_->ErrorFor(result);
}

void SqliteStatement::Reset() { sqlite3_reset(statement_.get()); }

absl::Status SqliteStatement::Run() {
  absl::Status status = Step().status();
  Reset();
  return status;
}

std::int64_t SqliteStatement::Int(int column) const {
  return sqlite3_column_int64(statement_.get(), column);
}

bool SqliteStatement::IsNull(int column) const {
  return sqlite3_column_type(statement_.get(), column) == SQLITE_NULL;
}

std::string_view SqliteStatement::Bytes(int column) const {
  // Looked up once: every question about a column by its number costs more than
  // the answer. Nobody else uses the connection meanwhile, which an unprotected
  // value depends on.
  sqlite3_value* const value = sqlite3_column_value(statement_.get(), column);
  // As a blob also where it is text: asked for text, SQLite would copy it to
  // put a zero behind.
  const void* data = sqlite3_value_blob(value);
  if (data == nullptr) {
    return sqlite3_value_type(value) == SQLITE_NULL ? std::string_view() : "";
  }
  const int size = sqlite3_value_bytes(value);
  return {static_cast<const char*>(data), static_cast<std::size_t>(size)};
}

absl::StatusOr<std::unique_ptr<SqliteDb>> SqliteDb::Open(
    const SqliteLocation& location, Access access) {
  const int flags = (access == Access::kReadOnly ? SQLITE_OPEN_READONLY
                                                 : SQLITE_OPEN_READWRITE) |
                    SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  sqlite3* handle = nullptr;
  const int result =
      sqlite3_open_v2(location.path.c_str(), &handle, flags,
                      location.vfs.empty() ? nullptr : location.vfs.c_str());
  if (handle == nullptr) return absl::InternalError("out of memory");
  std::unique_ptr<SqliteDb> db(new SqliteDb(location.path, handle));
  if (result != SQLITE_OK) return db->ErrorFor(result);
  sqlite3_busy_timeout(handle, kBusyTimeoutMs);
  // Takes the place of automatic checkpoints, whose errors nobody hears of.
  sqlite3_wal_hook(handle, &SqliteDb::CountFrames, db.get());
  return db;
}

SqliteDb::SqliteDb(std::string path, sqlite3* db)
    : path_(std::move(path)), db_(db) {}

SqliteDb::~SqliteDb() { sqlite3_close_v2(db_); }

absl::Status SqliteDb::Execute(const char* sql) {
  const int result = sqlite3_exec(db_, sql, nullptr, nullptr, nullptr);
  return result == SQLITE_OK ? absl::OkStatus() : ErrorFor(result);
}

absl::StatusOr<SqliteStatement> SqliteDb::Prepare(std::string_view sql) {
  sqlite3_stmt* statement = nullptr;
  const int result =
      sqlite3_prepare_v3(db_, sql.data(), static_cast<int>(sql.size()),
                         SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
  if (result != SQLITE_OK) return ErrorFor(result);
  return SqliteStatement(*this, statement);
}

absl::StatusOr<std::int64_t> SqliteDb::QueryInt(std::string_view sql) {
  TUCO_ASSIGN_OR_RETURN(SqliteStatement statement, Prepare(sql));
  TUCO_ASSIGN_OR_RETURN(const bool found, statement.Step());
  return found ? statement.Int(0) : 0;
}

absl::StatusOr<std::string> SqliteDb::QueryText(std::string_view sql) {
  TUCO_ASSIGN_OR_RETURN(SqliteStatement statement, Prepare(sql));
  TUCO_ASSIGN_OR_RETURN(const bool found, statement.Step());
  return found ? std::string(statement.Bytes(0)) : std::string();
}

void SqliteDb::Rollback() {
  if (sqlite3_get_autocommit(db_) != 0) return;
  // Its result says nothing new: the failure that led here was reported.
  sqlite3_exec(db_, "ROLLBACK", nullptr, nullptr, nullptr);
}

absl::Status SqliteDb::SetPersistentWal(bool persistent) {
  int value = persistent ? 1 : 0;
  const int result =
      sqlite3_file_control(db_, "main", SQLITE_FCNTL_PERSIST_WAL, &value);
  return result == SQLITE_OK ? absl::OkStatus() : ErrorFor(result);
}

absl::StatusOr<CheckpointResult> SqliteDb::CheckpointPassive() {
  CheckpointResult checkpoint;
  const int result =
      sqlite3_wal_checkpoint_v2(db_, "main", SQLITE_CHECKPOINT_PASSIVE,
                                &checkpoint.frames, &checkpoint.copied);
  if (result != SQLITE_OK) return ErrorFor(result);
  return checkpoint;
}

absl::Status SqliteDb::CopyTo(SqliteDb& copy,
                              const std::function<void(int)>& progress) {
  // The snapshot that is copied: without one SQLite starts over whenever
  // somebody writes.
  TUCO_RETURN_IF_ERROR(Execute("BEGIN; SELECT count(*) FROM sqlite_schema"));
  sqlite3_backup* const backup =
      sqlite3_backup_init(copy.db_, "main", db_, "main");
  int result =
      backup == nullptr ? sqlite3_extended_errcode(copy.db_) : SQLITE_OK;
  while (result == SQLITE_OK) {
    result = sqlite3_backup_step(backup, kCopyPages);
    const int total = sqlite3_backup_pagecount(backup);
    if (total > 0) {
      const int left = sqlite3_backup_remaining(backup);
      progress(static_cast<int>(std::int64_t{100} * (total - left) / total));
    }
  }
  // Puts the error into the copy's connection.
  sqlite3_backup_finish(backup);
  Rollback();
  return result == SQLITE_DONE ? absl::OkStatus() : copy.ErrorFor(result);
}

absl::Status SqliteDb::RewriteWal() {
  // Without the lock it could undo what an outsider writes meanwhile.
  TUCO_RETURN_IF_ERROR(Execute("BEGIN IMMEDIATE"));
  absl::Status status = CopyWalOntoItself();
  Rollback();
  return status;
}

absl::Status SqliteDb::CopyWalOntoItself() {
  sqlite3_file* wal = nullptr;
  sqlite3_file_control(db_, "main", SQLITE_FCNTL_JOURNAL_POINTER, &wal);
  if (wal == nullptr || wal->pMethods == nullptr) {
    return absl::InternalError(absl::StrCat(path_, "-wal is not open"));
  }
  const sqlite3_io_methods& calls = *wal->pMethods;
  std::vector<char> bytes(kCopyBytes);
  sqlite3_int64 size = 0;
  int result = calls.xFileSize(wal, &size);
  for (sqlite3_int64 at = 0; result == SQLITE_OK && at < size;
       at += kCopyBytes) {
    const int count =
        static_cast<int>(std::min<sqlite3_int64>(kCopyBytes, size - at));
    result = calls.xRead(wal, bytes.data(), count, at);
    if (result != SQLITE_OK) break;
    result = calls.xWrite(wal, bytes.data(), count, at);
  }
  if (result == SQLITE_OK) result = calls.xSync(wal, SQLITE_SYNC_FULL);
  if (result == SQLITE_OK) return absl::OkStatus();
  return absl::Status(
      CodeOf(result, ErrorNumberOf(result)),
      absl::StrCat(path_, "-wal cannot be written again: ",
                   sqlite3_errstr(result), " (SQLite error ", result, ")"));
}

bool SqliteDb::read_only() const {
  return sqlite3_db_readonly(db_, "main") != 0;
}

int SqliteDb::CountFrames(void* self, sqlite3*, const char*, int frames) {
  static_cast<SqliteDb*>(self)->wal_frames_ = frames;
  return SQLITE_OK;
}

int SqliteDb::ErrorNumberOf(int result) {
  // The connection does not keep that of a failed commit, but the file does.
  if (result != SQLITE_IOERR_WRITE) return sqlite3_system_errno(db_);
  for (const int which :
       {SQLITE_FCNTL_JOURNAL_POINTER, SQLITE_FCNTL_FILE_POINTER}) {
    sqlite3_file* file = nullptr;
    sqlite3_file_control(db_, "main", which, &file);
    if (file == nullptr || file->pMethods == nullptr) continue;
    int number = 0;
    file->pMethods->xFileControl(file, SQLITE_FCNTL_LAST_ERRNO, &number);
    if (number != 0) return number;
  }
  return 0;
}

absl::Status SqliteDb::ErrorFor(int result) {
  if (IsFailedSync(result)) sync_failed_ = true;
  structure_damaged_ = (result & 0xff) == SQLITE_CORRUPT;
  return absl::Status(CodeOf(result, ErrorNumberOf(result)),
                      absl::StrCat(path_, ": ", sqlite3_errmsg(db_),
                                   " (SQLite error ", result, ")"));
}

}  // namespace tuco::log

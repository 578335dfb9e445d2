#include "_core/log/sqlite.h"

#include <sqlite3.h>

#include <new>
#include <utility>

#include "tuco/internal/utf8.h"
#include "tuco/strings.h"

namespace tuco::python::log {
namespace {

// How long a statement waits for a lock, such as that of a server that starts.
constexpr int kBusyTimeoutMs = 5'000;

// The longest text or blob; what claims to be longer is damaged. The server
// takes no body of more than a few MiB.
constexpr int kValueBytesMax = 1 << 28;

absl::StatusCode CodeOf(int result) {
  switch (result & 0xff) {
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_ERROR:  // The tables are not those of a log.
    case SQLITE_TOOBIG:
      return absl::StatusCode::kDataLoss;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return absl::StatusCode::kUnavailable;
    case SQLITE_PERM:
    case SQLITE_CANTOPEN:
    case SQLITE_READONLY:
    case SQLITE_AUTH:
      return absl::StatusCode::kPermissionDenied;
    default:
      return absl::StatusCode::kInternal;
  }
}

absl::Status ErrorOf(sqlite3* db, int result) {
  if (result == SQLITE_NOTADB) {
    return absl::DataLossError("it is no event log, and no database at all");
  }
  // It may quote what is in the file.
  std::string text;
  internal::AppendWellFormed(sqlite3_errmsg(db), text);
  return absl::Status(
      CodeOf(result),
      ToAbsl(Concat({text, " (SQLite error ",
                     std::to_string(sqlite3_extended_errcode(db)), ")"})));
}

// `path`, which is absolute, as a URI with a parameter.
std::string Uri(const std::string& path, const char* parameter) {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string uri = "file:";
  for (const char c : path) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '%' || c == '?' || c == '#') {
      uri += {'%', kHex[byte >> 4], kHex[byte & 15]};
    } else {
      uri += c;
    }
  }
  return uri + "?" + parameter;
}

int OpenHandle(const std::string& path, Access access, sqlite3** handle) {
  constexpr int kFlags =
      SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  switch (access) {
    case Access::kShared:
      return sqlite3_open_v2(path.c_str(), handle, kFlags, nullptr);
    case Access::kAlone:
      return sqlite3_open_v2(path.c_str(), handle, kFlags, "unix-none");
    case Access::kFileOnly:
      break;
  }
  return sqlite3_open_v2(Uri(path, "immutable=1").c_str(), handle,
                         kFlags | SQLITE_OPEN_URI, nullptr);
}

// A connection that closes leaves the -wal as it is.
void LeaveWal(sqlite3* db) {
  int persistent = 1;
  sqlite3_file_control(db, "main", SQLITE_FCNTL_PERSIST_WAL, &persistent);
  sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
}

// What SQLite's own page on files of strangers advises.
void Distrust(sqlite3* db, Damaged damaged) {
  // It would forbid reading what is damaged as well as writing to the schema.
  if (damaged == Damaged::kRefused) {
    sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  }
  sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_VIEW, 0, nullptr);
  sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, nullptr);
  sqlite3_limit(db, SQLITE_LIMIT_LENGTH, kValueBytesMax);
}

// An SQL function that is one of ours.
void Call(sqlite3_context* context, int, sqlite3_value** values) {
  const auto& function = *static_cast<std::function<bool(const Values&)>*>(
      sqlite3_user_data(context));
  try {
    sqlite3_result_int(context, function(Values(values)) ? 1 : 0);
  } catch (const std::bad_alloc&) {
    sqlite3_result_error_nomem(context);
  }
}

}  // namespace

std::int64_t Values::Int(int index) const {
  return sqlite3_value_int64(values_[index]);
}

bool Values::IsNull(int index) const {
  return sqlite3_value_type(values_[index]) == SQLITE_NULL;
}

std::string_view Values::Bytes(int index) const {
  // As a blob also where it is text: asked for text, SQLite would copy it to
  // put a zero behind.
  const void* data = sqlite3_value_blob(values_[index]);
  if (data == nullptr) return IsNull(index) ? std::string_view() : "";
  const int size = sqlite3_value_bytes(values_[index]);
  return {static_cast<const char*>(data), static_cast<std::size_t>(size)};
}

void Statement::Finalize::operator()(sqlite3_stmt* statement) const {
  sqlite3_finalize(statement);
}

void Statement::Bind(int parameter, std::int64_t value) {
  sqlite3_bind_int64(statement_.get(), parameter, value);
}

void Statement::Bind(int parameter, std::string_view text) {
  sqlite3_bind_text64(statement_.get(), parameter, text.data(), text.size(),
                      SQLITE_TRANSIENT, SQLITE_UTF8);
}

absl::StatusOr<bool> Statement::Step() {
  const int result = sqlite3_step(statement_.get());
  if (result == SQLITE_ROW) return true;
  if (result == SQLITE_DONE) return false;
  return ErrorOf(db_, result);
}

void Statement::Reset() { sqlite3_reset(statement_.get()); }

std::int64_t Statement::Int(int column) const {
  return sqlite3_column_int64(statement_.get(), column);
}

bool Statement::IsNull(int column) const {
  return sqlite3_column_type(statement_.get(), column) == SQLITE_NULL;
}

std::string_view Statement::Bytes(int column) const {
  const void* data = sqlite3_column_blob(  // As of Values.
      statement_.get(), column);
  if (data == nullptr) return IsNull(column) ? std::string_view() : "";
  const int size = sqlite3_column_bytes(statement_.get(), column);
  return {static_cast<const char*>(data), static_cast<std::size_t>(size)};
}

absl::StatusOr<std::unique_ptr<Database>> Database::Open(
    const std::string& path, Access access, Damaged damaged) {
  sqlite3* handle = nullptr;
  const int result = OpenHandle(path, access, &handle);
  if (handle == nullptr) return absl::InternalError("out of memory");
  std::unique_ptr<Database> db(new Database(handle));
  if (result != SQLITE_OK) return ErrorOf(handle, result);
  sqlite3_busy_timeout(handle, kBusyTimeoutMs);
  LeaveWal(handle);
  Distrust(handle, damaged);
  absl::Status set =
      db->Execute("PRAGMA mmap_size = 0; PRAGMA cell_size_check = ON;");
  // Keeps the index of the -wal in memory.
  if (set.ok() && access == Access::kAlone) {
    set = db->Execute("PRAGMA locking_mode = EXCLUSIVE");
  }
  // Of all ways to write this connection has none.
  if (set.ok() && damaged == Damaged::kRead) {
    set = db->Execute("PRAGMA writable_schema = ON");
  }
  if (!set.ok()) return set;
  return db;
}

Database::~Database() { sqlite3_close_v2(db_); }

absl::StatusOr<Statement> Database::Prepare(std::string_view sql) {
  sqlite3_stmt* statement = nullptr;
  const int result =
      sqlite3_prepare_v3(db_, sql.data(), static_cast<int>(sql.size()),
                         SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
  if (result != SQLITE_OK) return ErrorOf(db_, result);
  return Statement(db_, statement);
}

absl::StatusOr<std::int64_t> Database::QueryInt(std::string_view sql) {
  absl::StatusOr<Statement> statement = Prepare(sql);
  if (!statement.ok()) return statement.status();
  const absl::StatusOr<bool> found = statement->Step();
  if (!found.ok()) return found.status();
  return *found ? statement->Int(0) : 0;
}

absl::Status Database::Define(const char* name, int count,
                              std::function<bool(const Values&)> function) {
  functions_.push_back(std::move(function));
  const int result = sqlite3_create_function_v2(
      db_, name, count, SQLITE_UTF8 | SQLITE_DIRECTONLY, &functions_.back(),
      &Call, nullptr, nullptr, nullptr);
  return result == SQLITE_OK ? absl::OkStatus() : ErrorOf(db_, result);
}

absl::Status Database::Begin() { return Execute("BEGIN"); }

void Database::End() {
  // Its result says nothing that the statement before it did not.
  if (sqlite3_get_autocommit(db_) == 0) {
    sqlite3_exec(db_, "ROLLBACK", nullptr, nullptr, nullptr);
  }
}

absl::Status Database::Execute(const char* sql) {
  const int result = sqlite3_exec(db_, sql, nullptr, nullptr, nullptr);
  return result == SQLITE_OK ? absl::OkStatus() : ErrorOf(db_, result);
}

}  // namespace tuco::python::log

// SQLite, as much of it as the event log needs.
//
// The one seam to the library: only sqlite_db.cc includes its header, and
// every error leaves as a status whose message has SQLite's words in it.
//
//   SQLITE_FULL                                       ResourceExhausted
//   SQLITE_BUSY, LOCKED                               Unavailable
//   SQLITE_PERM, READONLY, CANTOPEN                   PermissionDenied
//   SQLITE_IOERR, CORRUPT, NOTADB, CONSTRAINT, ERROR  DataLoss
//   anything else                                     Internal
//
// An SQLITE_IOERR or CANTOPEN whose cause the system names has the code of
// server/base/file_system.h instead where that is one of these; a failed sync
// is DataLoss whatever its cause.

#ifndef TUCO_SERVER_LOG_SQLITE_DB_H_
#define TUCO_SERVER_LOG_SQLITE_DB_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

struct sqlite3;
struct sqlite3_stmt;

namespace tuco::log {

class SqliteDb;

// A database file. A value.
struct SqliteLocation {
  std::string path;
  std::string vfs;  // The name of the VFS that opens it; empty: SQLite's own.
};

// A prepared statement. Must not outlive its database. One thread at a time.
class SqliteStatement {
 public:
  SqliteStatement() = default;

  // Parameters count from 1. What a view refers to must stay as it is until
  // the next Reset; a view without data binds NULL.
  void BindInt(int parameter, std::int64_t value);
  void BindText(int parameter, std::string_view value);
  void BindBlob(int parameter, std::string_view value);
  void BindNull(int parameter);

  // True with a row, false at the end.
  absl::StatusOr<bool> Step();
  // Makes the statement ready to be run again; its bindings stay.
  void Reset();
  // One run of a statement that yields no row.
  absl::Status Run();

  // Columns of the row at hand, counted from 0. A view is valid until the
  // next Step or Reset; NULL is a view without data.
  std::int64_t Int(int column) const;
  bool IsNull(int column) const;
  std::string_view Bytes(int column) const;

 private:
  friend class SqliteDb;
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const;
  };
  SqliteStatement(SqliteDb& db, sqlite3_stmt* statement)
      : db_(&db), statement_(statement) {}

  SqliteDb* db_ = nullptr;
  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
};

// Resets a statement at the end of a scope, which ends its read transaction.
class StatementReset {
 public:
  explicit StatementReset(SqliteStatement& statement) : statement_(statement) {}
  ~StatementReset() { statement_.Reset(); }
  StatementReset(const StatementReset&) = delete;
  StatementReset& operator=(const StatementReset&) = delete;

 private:
  SqliteStatement& statement_;
};

// How far a checkpoint came, in frames of the write-ahead log.
struct CheckpointResult {
  int frames = 0;  // In the log.
  int copied = 0;  // Of these, in the main file.
};

// A connection. One thread at a time.
class SqliteDb {
 public:
  enum class Access { kReadOnly, kReadWrite };

  // Opens the database at `location`, which must be there.
  static absl::StatusOr<std::unique_ptr<SqliteDb>> Open(
      const SqliteLocation& location, Access access);

  ~SqliteDb();
  SqliteDb(const SqliteDb&) = delete;
  SqliteDb& operator=(const SqliteDb&) = delete;

  // Runs statements that yield nothing of interest.
  absl::Status Execute(const char* sql);
  absl::StatusOr<SqliteStatement> Prepare(std::string_view sql);
  // The first column of the first row, 0 when there is none or it is NULL.
  absl::StatusOr<std::int64_t> QueryInt(std::string_view sql);
  absl::StatusOr<std::string> QueryText(std::string_view sql);

  // Leaves the transaction that a failed statement may have left open.
  void Rollback();

  // Whether the -wal file stays when the last connection closes.
  absl::Status SetPersistentWal(bool persistent);
  // Frames in the write-ahead log after the last commit of this connection.
  int wal_frames() const { return wal_frames_; }
  // Copies what no reader holds back into the main file, and waits for nobody.
  absl::StatusOr<CheckpointResult> CheckpointPassive();
  // Writes the write-ahead log over itself and syncs it. To sync it does not
  // do for what an earlier sync failed on: the system may have taken it for
  // written then. For the only writer, outside of a transaction.
  absl::Status RewriteWal();

  // Fills the empty database of `copy` with what this one holds now, whatever
  // is written meanwhile. Tells `progress` of it in percent.
  absl::Status CopyTo(SqliteDb& copy, const std::function<void(int)>& progress);

  // Whether nothing can be written: where a file cannot be opened for writing,
  // SQLite opens it for reading and says so later.
  bool read_only() const;

  // Whether the newest error told of a file whose structure is damaged, and not
  // of a disk that failed, which may be right again a moment later.
  bool structure_damaged() const { return structure_damaged_; }

  // Whether a sync ever failed on this connection: what the failed commit
  // wrote may be found in the file later.
  bool sync_failed() const { return sync_failed_; }

 private:
  friend class SqliteStatement;
  SqliteDb(std::string path, sqlite3* db);

  static int CountFrames(void* self, sqlite3*, const char*, int frames);
  absl::Status CopyWalOntoItself();
  // The system's number for the cause of `result`, 0 where it is not known.
  int ErrorNumberOf(int result);
  // The status of a result code that this connection just gave.
  absl::Status ErrorFor(int result);

  const std::string path_;
  sqlite3* const db_;
  int wal_frames_ = 0;
  bool structure_damaged_ = false;
  bool sync_failed_ = false;
};

}  // namespace tuco::log

#endif  // TUCO_SERVER_LOG_SQLITE_DB_H_

// SQLite, as much of it as reading a log needs: the one seam to the library,
// whose header only sqlite.cc includes.
//
// Errors are statuses with SQLite's words in them:
//
//   SQLITE_CORRUPT, NOTADB, ERROR, TOOBIG  DataLoss
//   SQLITE_BUSY, LOCKED                    Unavailable
//   SQLITE_PERM, CANTOPEN, READONLY, AUTH  PermissionDenied
//   anything else                          Internal

#ifndef TUCO_PYTHON_CORE_LOG_SQLITE_H_
#define TUCO_PYTHON_CORE_LOG_SQLITE_H_

#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

struct sqlite3;
struct sqlite3_stmt;
struct sqlite3_value;

namespace tuco::python::log {

// The arguments of an SQL function; valid during the call.
class Values {
 public:
  explicit Values(sqlite3_value** values) : values_(values) {}

  // Counted from 0. NULL is a view without data.
  std::int64_t Int(int index) const;
  bool IsNull(int index) const;
  std::string_view Bytes(int index) const;

 private:
  sqlite3_value** values_;
};

// A prepared statement. Must not outlive its database. One thread at a time.
class Statement {
 public:
  Statement() = default;

  // Parameters count from 1.
  void Bind(int parameter, std::int64_t value);
  void Bind(int parameter, std::string_view text);

  // True with a row, false at the end.
  absl::StatusOr<bool> Step();
  // Makes it ready to be run again; its bindings stay.
  void Reset();

  // Columns of the row at hand, counted from 0. A view is valid until the next
  // Step or Reset; NULL is a view without data.
  std::int64_t Int(int column) const;
  bool IsNull(int column) const;
  std::string_view Bytes(int column) const;

 private:
  friend class Database;
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const;
  };
  Statement(sqlite3* db, sqlite3_stmt* statement)
      : db_(db), statement_(statement) {}

  sqlite3* db_ = nullptr;
  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
};

// How a database is opened.
enum class Access : std::uint8_t {
  // Beside its server, which may be writing it: SQLite needs the -shm for that.
  kShared,
  // Without the -shm, which is not there, and so without locks: nobody else has
  // the database open. What is in the -wal is read.
  kAlone,
  // As kAlone, where there is no -wal either.
  kFileOnly,
};

// What is done about a file that ends too early, or whose schema is damaged.
enum class Damaged : bool { kRefused, kRead };

// A connection that cannot write, makes no file where `access` is not kShared,
// and believes nothing of what is in the database: no view or trigger in it is
// ever run. One thread at a time.
class Database {
 public:
  static absl::StatusOr<std::unique_ptr<Database>> Open(const std::string& path,
                                                        Access access,
                                                        Damaged damaged);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  absl::StatusOr<Statement> Prepare(std::string_view sql);
  // The number in the first column of the first row; 0 without one.
  absl::StatusOr<std::int64_t> QueryInt(std::string_view sql);

  // Makes the SQL function `name` of `count` arguments, which calls `function`
  // and is what that returns.
  absl::Status Define(const char* name, int count,
                      std::function<bool(const Values&)> function);

  // Between the two every statement sees the same state of the database.
  absl::Status Begin();
  void End();

 private:
  explicit Database(sqlite3* db) : db_(db) {}
  absl::Status Execute(const char* sql);

  sqlite3* const db_;
  std::list<std::function<bool(const Values&)>> functions_;
};

// Ends a transaction with its scope.
class Transaction {
 public:
  explicit Transaction(Database& database) : database_(database) {}
  ~Transaction() { database_.End(); }
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;

 private:
  Database& database_;
};

}  // namespace tuco::python::log

#endif  // TUCO_PYTHON_CORE_LOG_SQLITE_H_

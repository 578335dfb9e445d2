// A second hand on a log's file: what an outsider, or a failing disk, does.

#ifndef TUCO_TESTS_SERVER_LOG_SQLITE_FILE_EDITOR_H_
#define TUCO_TESTS_SERVER_LOG_SQLITE_FILE_EDITOR_H_

#include <sqlite3.h>

#include <cstdint>
#include <cstring>
#include <string>

#include "gtest/gtest.h"
#include "tuco/record_layout.h"

namespace tuco::log {

// A connection of its own. SQLite keeps its locks apart from the log's, also
// within this process.
class SqliteFileEditor {
 public:
  // `vfs` is the name of the one that the log uses; empty: SQLite's own.
  explicit SqliteFileEditor(const std::string& path,
                            const std::string& vfs = "") {
    EXPECT_EQ(sqlite3_open_v2(path.c_str(), &db_,
                              SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE,
                              vfs.empty() ? nullptr : vfs.c_str()),
              SQLITE_OK);
  }
  ~SqliteFileEditor() { sqlite3_close(db_); }
  SqliteFileEditor(const SqliteFileEditor&) = delete;
  SqliteFileEditor& operator=(const SqliteFileEditor&) = delete;

  // Makes the log what version 3 would have made of it: without subscriptions.
  void MakeVersion3() {
    Run("DROP TABLE subscriptions; DROP TABLE unsettled; DROP TABLE parked;"
        "DELETE FROM meta WHERE key = 'subscriptions_sum';"
        "PRAGMA user_version = 3");
  }

  // The same of version 1.
  void MakeVersion1() {
    MakeVersion3();
    sqlite3_create_function(db_, "old_key_crc", 2, SQLITE_UTF8, nullptr,
                            &OldKeyCrc, nullptr, nullptr);
    Run("ALTER TABLE events DROP COLUMN suspected_duplicate_of;"
        "DROP TABLE epochs; DROP TABLE quarantine; DROP TABLE meta;"
        "UPDATE duplicate_keys SET crc = old_key_crc(sequence, key);"
        "ALTER TABLE duplicate_keys DROP COLUMN received_at_us;"
        "ALTER TABLE duplicate_keys DROP COLUMN occurred_at_us;"
        "CREATE TABLE meta (key TEXT PRIMARY KEY NOT NULL,"
        " value INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
        "INSERT INTO meta (key, value) VALUES ('epoch', 1);"
        "PRAGMA user_version = 1");
  }

  void Run(const std::string& sql) {
    char* error = nullptr;
    EXPECT_EQ(sqlite3_exec(db_, sql.c_str(), nullptr, nullptr, &error),
              SQLITE_OK)
        << sql << ": " << error;
    sqlite3_free(error);
  }

  // The first value of the first row as text.
  std::string Value(const std::string& sql) {
    std::string value;
    sqlite3_exec(
        db_, sql.c_str(),
        [](void* out, int, char** values, char**) {
          if (values[0] != nullptr) *static_cast<std::string*>(out) = values[0];
          return 1;
        },
        &value, nullptr);
    return value;
  }

  // Whether what is committed here stays in the -wal file at the end.
  void KeepWal() {
    sqlite3_db_config(db_, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
  }

 private:
  // Over what a row had before it had times.
  static void OldKeyCrc(sqlite3_context* context, int, sqlite3_value** values) {
    KeyColumns columns;
    columns.sequence =
        static_cast<std::uint64_t>(sqlite3_value_int64(values[0]));
    std::memcpy(columns.key.data(), sqlite3_value_blob(values[1]),
                columns.key.size());
    sqlite3_result_int64(context, DuplicateKeyCrc(columns));
  }

  sqlite3* db_ = nullptr;
};

}  // namespace tuco::log

#endif  // TUCO_TESTS_SERVER_LOG_SQLITE_FILE_EDITOR_H_

// A second hand on a log's file: what an outsider, or a failing disk, does.

#ifndef TUCO_TESTS_SERVER_LOG_SQLITE_FILE_EDITOR_H_
#define TUCO_TESTS_SERVER_LOG_SQLITE_FILE_EDITOR_H_

#include <sqlite3.h>

#include <string>

#include "gtest/gtest.h"

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
  sqlite3* db_ = nullptr;
};

}  // namespace tuco::log

#endif  // TUCO_TESTS_SERVER_LOG_SQLITE_FILE_EDITOR_H_

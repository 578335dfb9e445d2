// SQLite's files on any file system of ours, so that a database and what lies
// beside it share one disk.

#ifndef TUCO_TESTS_SERVER_LOG_SQLITE_VFS_H_
#define TUCO_TESTS_SERVER_LOG_SQLITE_VFS_H_

#include <memory>
#include <string>

#include "server/base/file_system.h"

namespace tuco::log {

// Does what SQLite's own VFS for Unix does, step by step, also what it leaves
// out: a new journal's folder is synced with its first sync, and that this
// failed is ignored; a file that cannot be opened for writing is opened for
// reading. Locks and shared memory are this VFS's own, for any number of
// connections of one process; whoever waits for a lock has waited long enough
// at once. Safe for concurrent use. Connections must not outlive it.
class SqliteVfs {
 public:
  explicit SqliteVfs(base::FileSystem& files);
  ~SqliteVfs();
  SqliteVfs(const SqliteVfs&) = delete;
  SqliteVfs& operator=(const SqliteVfs&) = delete;

  // Under which it is registered as long as it lives.
  const std::string& name() const;

 private:
  class Registration;
  const std::unique_ptr<Registration> registration_;
};

}  // namespace tuco::log

#endif  // TUCO_TESTS_SERVER_LOG_SQLITE_VFS_H_

// A lock that only one process holds at a time.

#ifndef TUCO_SERVER_BASE_FILE_LOCK_H_
#define TUCO_SERVER_BASE_FILE_LOCK_H_

#include <memory>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "server/base/file_system.h"

namespace tuco::base {

// Holds the lock of a file as long as it lives. The file holds the process
// number of whoever took the lock last, unless the disk was full, and stays.
// One thread at a time.
class FileLock {
 public:
  // FailedPrecondition when somebody else holds it; the message names that
  // process. Else the codes of FileSystem::Open and File::WriteAt.
  static absl::StatusOr<FileLock> Acquire(FileSystem& files,
                                          const std::string& path);

 private:
  explicit FileLock(std::unique_ptr<File> file) : file_(std::move(file)) {}
  std::unique_ptr<File> file_;
};

}  // namespace tuco::base

#endif  // TUCO_SERVER_BASE_FILE_LOCK_H_

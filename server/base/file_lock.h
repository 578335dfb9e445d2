// A lock that only one process holds at a time.

#ifndef TUCO_SERVER_BASE_FILE_LOCK_H_
#define TUCO_SERVER_BASE_FILE_LOCK_H_

#include <string>

#include "absl/status/statusor.h"

namespace tuco::base {

// Holds an flock on a file as long as it lives; the kernel lets go of it when
// the process dies, however it dies. The file holds the process number of
// whoever took the lock last, and stays. One thread at a time.
class FileLock {
 public:
  // FailedPrecondition when somebody else holds it; the message names that
  // process. PermissionDenied or NotFound when the file cannot be made.
  static absl::StatusOr<FileLock> Acquire(const std::string& path);

  FileLock(FileLock&& other) noexcept;
  FileLock& operator=(FileLock&& other) noexcept;
  ~FileLock();

 private:
  explicit FileLock(int descriptor) : descriptor_(descriptor) {}
  int descriptor_ = -1;
};

}  // namespace tuco::base

#endif  // TUCO_SERVER_BASE_FILE_LOCK_H_

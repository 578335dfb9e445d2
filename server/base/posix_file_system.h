// The file system of the machine.

#ifndef TUCO_SERVER_BASE_POSIX_FILE_SYSTEM_H_
#define TUCO_SERVER_BASE_POSIX_FILE_SYSTEM_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/base/file_system.h"

namespace tuco::base {

// Has no state: two of them see the same files. A file's lock is an flock.
class PosixFileSystem final : public FileSystem {
 public:
  absl::StatusOr<std::unique_ptr<File>> Open(const std::string& path,
                                             OpenMode mode) override;
  absl::Status MakeDirectory(const std::string& path) override;
  absl::StatusOr<PathKind> KindOf(const std::string& path) override;
  absl::StatusOr<std::vector<std::string>> List(
      const std::string& path) override;
  absl::Status Rename(const std::string& from, const std::string& to) override;
  absl::Status Remove(const std::string& path) override;
  absl::Status SyncDirectory(const std::string& path) override;
  absl::StatusOr<VolumeSpace> SpaceAt(const std::string& path) override;
  absl::StatusOr<std::uint64_t> SizeOf(const std::string& path) override;
};

}  // namespace tuco::base

#endif  // TUCO_SERVER_BASE_POSIX_FILE_SYSTEM_H_

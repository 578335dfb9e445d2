#include "server/base/private_directory.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

#include "server/base/file_status.h"

namespace tuco::base {
namespace {

// `path` is there already; it will do if it is a folder.
absl::Status CheckIsDirectory(const std::string& path) {
  struct stat about {};
  if (::stat(path.c_str(), &about) != 0) {
    return FileError(errno, path, "cannot look at it");
  }
  if (S_ISDIR(about.st_mode)) return absl::OkStatus();
  return FileError(ENOTDIR, path, "cannot be used as a folder");
}

std::string ParentOf(const std::string& path) {
  const auto parent =
      (std::filesystem::path(path) / "").parent_path().parent_path();
  return parent.empty() ? "." : parent.string();
}

}  // namespace

absl::Status MakePrivateDirectory(const std::string& path) {
  if (::mkdir(path.c_str(), 0700) == 0) return SyncDirectory(ParentOf(path));
  if (errno == EEXIST) return CheckIsDirectory(path);
  return FileError(errno, path, "cannot make the folder");
}

absl::Status MakePrivateFile(const std::string& path) {
  const int descriptor =
      ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (descriptor < 0) return FileError(errno, path, "cannot make the file");
  ::close(descriptor);
  return absl::OkStatus();
}

absl::Status SyncDirectory(const std::string& path) {
  const int descriptor =
      ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return FileError(errno, path, "cannot open the folder");
  const int failed = ::fsync(descriptor) != 0 ? errno : 0;
  ::close(descriptor);
  if (failed != 0) return FileError(failed, path, "cannot sync the folder");
  return absl::OkStatus();
}

}  // namespace tuco::base

#include "server/base/private_directory.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

#include "server/base/file_status.h"
#include "server/base/status_macros.h"

namespace tuco::base {
namespace {

// `path` is there already; it will do if it is a folder.
absl::Status UseWhatIsThere(FileSystem& files, const std::string& path) {
  TUCO_ASSIGN_OR_RETURN(const FileSystem::PathKind kind, files.KindOf(path));
  if (kind != FileSystem::PathKind::kDirectory) {
    return FileError(ENOTDIR, path, "cannot be used as a folder");
  }
  // Whoever made it may have been killed before its name was synced. A parent
  // that we may not read is somebody else's, and so is its name.
  const absl::Status synced = files.SyncDirectory(ParentOf(path));
  return absl::IsPermissionDenied(synced) ? absl::OkStatus() : synced;
}

}  // namespace

absl::Status MakePrivateDirectory(FileSystem& files, const std::string& path) {
  const absl::Status made = files.MakeDirectory(path);
  if (absl::IsAlreadyExists(made)) return UseWhatIsThere(files, path);
  TUCO_RETURN_IF_ERROR(made);
  return files.SyncDirectory(ParentOf(path));
}

absl::Status CheckPrivateDirectory(const std::string& path) {
  struct stat found {};
  if (::lstat(path.c_str(), &found) != 0) {
    if (errno == ENOENT && ::access(ParentOf(path).c_str(), W_OK | X_OK) == 0) {
      return absl::OkStatus();
    }
    return FileError(errno, path, "cannot make the folder");
  }
  if (::stat(path.c_str(), &found) != 0 || !S_ISDIR(found.st_mode)) {
    return FileError(ENOTDIR, path, "cannot be used as a folder");
  }
  if (::access(path.c_str(), W_OK | X_OK) == 0) return absl::OkStatus();
  return FileError(errno, path, "cannot write to the folder");
}

std::string ParentOf(const std::string& path) {
  const auto parent =
      (std::filesystem::path(path) / "").parent_path().parent_path();
  return parent.empty() ? "." : parent.string();
}

}  // namespace tuco::base

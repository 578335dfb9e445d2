#include "server/base/file_lock.h"

#include <unistd.h>

#include <array>
#include <cstddef>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "server/base/status_macros.h"

namespace tuco::base {
namespace {

absl::Status HeldByAnother(const std::string& path, const File& file) {
  std::array<char, 32> holder{};
  const std::size_t size = file.ReadAt(0, holder).value_or(0);
  std::string pid(holder.data(), size);
  absl::StripAsciiWhitespace(&pid);
  return absl::FailedPreconditionError(
      absl::StrCat(path, ": another server holds this lock: process ",
                   pid.empty() ? "unknown" : pid));
}

// Written over the last one's, which takes no space that is not there.
absl::Status WriteProcessNumber(File& file) {
  const std::string pid = absl::StrCat(::getpid(), "\n");
  TUCO_RETURN_IF_ERROR(file.WriteAt(0, pid));
  return file.Truncate(pid.size());
}

}  // namespace

absl::StatusOr<FileLock> FileLock::Acquire(FileSystem& files,
                                           const std::string& path) {
  TUCO_ASSIGN_OR_RETURN(
      std::unique_ptr<File> file,
      files.Open(path, FileSystem::OpenMode::kReadWriteOrCreate));
  const absl::Status locked = file->TryLock();
  if (absl::IsUnavailable(locked)) return HeldByAnother(path, *file);
  TUCO_RETURN_IF_ERROR(locked);
  const absl::Status written = WriteProcessNumber(*file);
  // The number is for people; the lock is ours without it.
  if (!written.ok() && !absl::IsResourceExhausted(written)) return written;
  return FileLock(std::move(file));
}

}  // namespace tuco::base

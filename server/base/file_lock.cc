#include "server/base/file_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "server/base/file_status.h"

namespace tuco::base {
namespace {

absl::Status HeldByAnother(const std::string& path, int descriptor) {
  std::array<char, 32> holder{};
  const ssize_t size = ::pread(descriptor, holder.data(), holder.size(), 0);
  std::string pid(holder.data(), size > 0 ? static_cast<std::size_t>(size) : 0);
  absl::StripAsciiWhitespace(&pid);
  return absl::FailedPreconditionError(
      absl::StrCat(path, ": another server holds this lock: process ",
                   pid.empty() ? "unknown" : pid));
}

absl::Status WriteProcessNumber(const std::string& path, int descriptor) {
  const std::string pid = absl::StrCat(::getpid(), "\n");
  if (::ftruncate(descriptor, 0) != 0 ||
      ::pwrite(descriptor, pid.data(), pid.size(), 0) < 0) {
    return FileError(errno, path, "cannot write the process number");
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<FileLock> FileLock::Acquire(const std::string& path) {
  FileLock lock(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (lock.descriptor_ < 0) return FileError(errno, path, "cannot open");
  if (::flock(lock.descriptor_, LOCK_EX | LOCK_NB) != 0) {
    if (errno == EWOULDBLOCK) return HeldByAnother(path, lock.descriptor_);
    return FileError(errno, path, "cannot lock");
  }
  absl::Status written = WriteProcessNumber(path, lock.descriptor_);
  if (!written.ok()) return written;
  return lock;
}

FileLock::FileLock(FileLock&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)) {}

FileLock& FileLock::operator=(FileLock&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  return *this;
}

FileLock::~FileLock() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

}  // namespace tuco::base

#include "server/base/posix_file_system.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <system_error>
#include <utility>

#include "server/base/file_status.h"

namespace tuco::base {
namespace {

// Repeats a system call that a signal interrupted.
template <typename Call>
auto Retry(const Call& call) {
  auto result = call();
  while (result < 0 && errno == EINTR) result = call();
  return result;
}

class PosixFile final : public File {
 public:
  PosixFile(std::string path, int descriptor)
      : path_(std::move(path)), descriptor_(descriptor) {}
  ~PosixFile() override { ::close(descriptor_); }
  PosixFile(const PosixFile&) = delete;
  PosixFile& operator=(const PosixFile&) = delete;

  absl::StatusOr<std::size_t> ReadAt(std::uint64_t offset,
                                     std::span<char> to) const override {
    std::size_t done = 0;
    while (done < to.size()) {
      const ssize_t size = Retry([&] {
        return ::pread(descriptor_, to.data() + done, to.size() - done,
                       static_cast<off_t>(offset + done));
      });
      if (size < 0) return Error("cannot read");
      if (size == 0) break;
      done += static_cast<std::size_t>(size);
    }
    return done;
  }

  absl::Status WriteAt(std::uint64_t offset, std::string_view bytes) override {
    while (!bytes.empty()) {
      const ssize_t size = Retry([&] {
        return ::pwrite(descriptor_, bytes.data(), bytes.size(),
                        static_cast<off_t>(offset));
      });
      if (size < 0) return Error("cannot write");
      offset += static_cast<std::uint64_t>(size);
      bytes.remove_prefix(static_cast<std::size_t>(size));
    }
    return absl::OkStatus();
  }

  absl::Status Truncate(std::uint64_t size) override {
    const int result = Retry(
        [&] { return ::ftruncate(descriptor_, static_cast<off_t>(size)); });
    return result == 0 ? absl::OkStatus() : Error("cannot change the size");
  }

  absl::StatusOr<std::uint64_t> Size() const override {
    struct stat about {};
    if (::fstat(descriptor_, &about) != 0) return Error("cannot look at it");
    return static_cast<std::uint64_t>(about.st_size);
  }

  absl::Status Sync() override {
    // Not tried again after EINTR: who knows what the first one gave up.
    return ::fdatasync(descriptor_) == 0 ? absl::OkStatus()
                                         : Error("cannot sync");
  }

  absl::Status TryLock() override {
    const int result =
        Retry([this] { return ::flock(descriptor_, LOCK_EX | LOCK_NB); });
    return result == 0 ? absl::OkStatus() : Error("cannot lock");
  }

 private:
  absl::Status Error(const char* what) const {
    return FileError(errno, path_, what);
  }

  const std::string path_;
  const int descriptor_;
};

int FlagsOf(FileSystem::OpenMode mode) {
  switch (mode) {
    case FileSystem::OpenMode::kRead:
      return O_RDONLY;
    case FileSystem::OpenMode::kReadWrite:
      return O_RDWR;
    case FileSystem::OpenMode::kReadWriteOrCreate:
      return O_RDWR | O_CREAT;
    case FileSystem::OpenMode::kCreateNew:
      break;
  }
  return O_RDWR | O_CREAT | O_EXCL;
}

}  // namespace

absl::StatusOr<std::unique_ptr<File>> PosixFileSystem::Open(
    const std::string& path, OpenMode mode) {
  const int descriptor = Retry([&] {
    return ::open(path.c_str(), FlagsOf(mode) | O_CLOEXEC, S_IRUSR | S_IWUSR);
  });
  if (descriptor < 0) return FileError(errno, path, "cannot open");
  return std::make_unique<PosixFile>(path, descriptor);
}

absl::Status PosixFileSystem::MakeDirectory(const std::string& path) {
  if (::mkdir(path.c_str(), S_IRWXU) == 0) return absl::OkStatus();
  return FileError(errno, path, "cannot make the folder");
}

absl::StatusOr<FileSystem::PathKind> PosixFileSystem::KindOf(
    const std::string& path) {
  struct stat about {};
  const bool found = ::stat(path.c_str(), &about) == 0 ||
                     (errno == ENOENT && ::lstat(path.c_str(), &about) == 0);
  if (found) {
    return S_ISDIR(about.st_mode) ? PathKind::kDirectory : PathKind::kFile;
  }
  if (errno == ENOENT || errno == ENOTDIR) return PathKind::kNothing;
  return FileError(errno, path, "cannot look at it");
}

absl::StatusOr<std::vector<std::string>> PosixFileSystem::List(
    const std::string& path) {
  std::vector<std::string> names;
  std::error_code error;
  std::filesystem::directory_iterator entry(path, error);
  while (!error && entry != std::filesystem::directory_iterator()) {
    names.push_back(entry->path().filename().string());
    entry.increment(error);
  }
  if (error) return FileError(error.value(), path, "cannot list the folder");
  std::sort(names.begin(), names.end());
  return names;
}

absl::Status PosixFileSystem::Rename(const std::string& from,
                                     const std::string& to) {
  if (std::rename(from.c_str(), to.c_str()) == 0) return absl::OkStatus();
  return FileError(errno, to, "cannot rename to it");
}

absl::Status PosixFileSystem::Remove(const std::string& path) {
  if (::unlink(path.c_str()) == 0) return absl::OkStatus();
  return FileError(errno, path, "cannot remove");
}

absl::Status PosixFileSystem::SyncDirectory(const std::string& path) {
  const int descriptor = Retry(
      [&] { return ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC); });
  if (descriptor < 0) return FileError(errno, path, "cannot open the folder");
  const int failed = ::fsync(descriptor) != 0 ? errno : 0;
  ::close(descriptor);
  if (failed != 0) return FileError(failed, path, "cannot sync the folder");
  return absl::OkStatus();
}

absl::StatusOr<VolumeSpace> PosixFileSystem::SpaceAt(const std::string& path) {
  struct statvfs about {};
  if (::statvfs(path.c_str(), &about) != 0) {
    return FileError(errno, path, "cannot look at its volume");
  }
  const std::uint64_t block = about.f_frsize;
  return VolumeSpace{.free_bytes = block * about.f_bavail,
                     .total_bytes = block * about.f_blocks};
}

absl::StatusOr<std::uint64_t> PosixFileSystem::SizeOf(const std::string& path) {
  struct stat about {};
  if (::stat(path.c_str(), &about) != 0) {
    return FileError(errno, path, "cannot look at it");
  }
  return static_cast<std::uint64_t>(about.st_size);
}

}  // namespace tuco::base

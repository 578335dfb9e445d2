// A file system that says when a file is written or synced, before and after.

#ifndef TUCO_TESTS_SERVER_LOG_WATCHED_FILES_H_
#define TUCO_TESTS_SERVER_LOG_WATCHED_FILES_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "server/base/file_system.h"

namespace tuco::log {

// Passes everything on to another one. Safe for concurrent use if what it
// tells is.
class WatchedFiles final : public base::FileSystem {
 public:
  enum class Moment : std::uint8_t {
    kBeforeWrite,
    kAfterWrite,
    kBeforeSync,
    kAfterSync,
  };
  using Watcher = std::function<void(const std::string& path, Moment moment)>;

  WatchedFiles(base::FileSystem& files, Watcher watcher)
      : files_(files), watcher_(std::move(watcher)) {}

  absl::StatusOr<std::unique_ptr<base::File>> Open(const std::string& path,
                                                   OpenMode mode) override {
    auto file = files_.Open(path, mode);
    if (!file.ok()) return file.status();
    return std::make_unique<WatchedFile>(*std::move(file), path, watcher_);
  }
  absl::Status MakeDirectory(const std::string& path) override {
    return files_.MakeDirectory(path);
  }
  absl::StatusOr<PathKind> KindOf(const std::string& path) override {
    return files_.KindOf(path);
  }
  absl::StatusOr<std::vector<std::string>> List(
      const std::string& path) override {
    return files_.List(path);
  }
  absl::Status Rename(const std::string& from, const std::string& to) override {
    return files_.Rename(from, to);
  }
  absl::Status Remove(const std::string& path) override {
    return files_.Remove(path);
  }
  absl::Status SyncDirectory(const std::string& path) override {
    return files_.SyncDirectory(path);
  }
  absl::StatusOr<base::VolumeSpace> SpaceAt(const std::string& path) override {
    return files_.SpaceAt(path);
  }
  absl::StatusOr<std::uint64_t> SizeOf(const std::string& path) override {
    return files_.SizeOf(path);
  }

 private:
  class WatchedFile final : public base::File {
   public:
    WatchedFile(std::unique_ptr<base::File> file, std::string path,
                const Watcher& watcher)
        : file_(std::move(file)), path_(std::move(path)), watcher_(watcher) {}

    absl::StatusOr<std::size_t> ReadAt(std::uint64_t offset,
                                       std::span<char> to) const override {
      return file_->ReadAt(offset, to);
    }
    absl::Status WriteAt(std::uint64_t offset,
                         std::string_view bytes) override {
      watcher_(path_, Moment::kBeforeWrite);
      absl::Status status = file_->WriteAt(offset, bytes);
      watcher_(path_, Moment::kAfterWrite);
      return status;
    }
    absl::Status Truncate(std::uint64_t size) override {
      return file_->Truncate(size);
    }
    absl::StatusOr<std::uint64_t> Size() const override {
      return file_->Size();
    }
    absl::Status Sync() override {
      watcher_(path_, Moment::kBeforeSync);
      absl::Status status = file_->Sync();
      watcher_(path_, Moment::kAfterSync);
      return status;
    }
    absl::Status TryLock() override { return file_->TryLock(); }

   private:
    const std::unique_ptr<base::File> file_;
    const std::string path_;
    const Watcher& watcher_;
  };

  base::FileSystem& files_;
  const Watcher watcher_;
};

}  // namespace tuco::log

#endif  // TUCO_TESTS_SERVER_LOG_WATCHED_FILES_H_

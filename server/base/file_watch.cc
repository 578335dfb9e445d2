#include "server/base/file_watch.h"

#include <sys/stat.h>

namespace tuco::base {
namespace {

std::int64_t Nanoseconds(const timespec& time) {
  return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

}  // namespace

FileWatch::Look FileWatch::LookAt(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return {};
  return {.device = status.st_dev,
          .inode = status.st_ino,
          .size = status.st_size,
          .modified_ns = Nanoseconds(status.st_mtim),
          .changed_ns = Nanoseconds(status.st_ctim)};
}

void FileWatch::Add(const std::string& path) {
  const Look look = LookAt(path);
  watched_[path] = {look, look};
}

void FileWatch::Add(const FileWatch& other) {
  for (const auto& [path, watched] : other.watched_) watched_[path] = watched;
}

std::optional<std::string> FileWatch::Poll() {
  bool settled = true;
  std::optional<std::string> changed;
  for (auto& [path, watched] : watched_) {
    const Look look = LookAt(path);
    settled = settled && look == watched.last;
    watched.last = look;
    if (look != watched.first && !changed.has_value()) changed = path;
  }
  unsettled_ = settled ? 0 : unsettled_ + 1;
  if (!settled && unsettled_ < kUnsettledMax) return std::nullopt;
  return changed;
}

}  // namespace tuco::base

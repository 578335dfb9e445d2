#include "_core/deliveries/byte_source.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

namespace tuco::python::deliveries {
namespace {

[[noreturn]] void Refuse() {
  throw std::system_error(errno, std::generic_category());
}

int Open(const std::string& path, const std::function<void()>& interrupted) {
  while (true) {
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd >= 0) return fd;
    if (errno != EINTR) Refuse();
    interrupted();
  }
}

}  // namespace

FileSource::FileSource(const std::string& path,
                       std::function<void()> interrupted)
    : interrupted_(std::move(interrupted)), fd_(Open(path, interrupted_)) {}

FileSource::~FileSource() { ::close(fd_); }

std::size_t FileSource::Read(char* into, std::size_t size) {
  while (true) {
    const ssize_t count = ::read(fd_, into, size);
    if (count >= 0) {
      position_ += static_cast<std::uint64_t>(count);
      return static_cast<std::size_t>(count);
    }
    if (errno != EINTR) Refuse();
    interrupted_();
  }
}

std::size_t MemorySource::Read(char* into, std::size_t size) {
  const std::size_t count = bytes_.substr(position_).copy(into, size);
  position_ += count;
  return count;
}

}  // namespace tuco::python::deliveries

#include "server/cli/line_reader.h"

#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/base/status_macros.h"

namespace tuco::cli {
namespace {

constexpr std::size_t kReadBytes = std::size_t{1} << 18;
constexpr int kStopIntervalMs = 200;

}  // namespace

LineReader::LineReader(int fd, std::function<bool()> stop)
    : fd_(fd), stop_(std::move(stop)) {}

absl::StatusOr<std::optional<std::string_view>> LineReader::Next() {
  std::size_t searched = begin_;
  while (true) {
    const void* const found =
        std::memchr(buffer_.data() + searched, '\n', end_ - searched);
    if (found != nullptr) {
      const std::size_t at = static_cast<std::size_t>(
          static_cast<const char*>(found) - buffer_.data());
      const std::string_view line(buffer_.data() + begin_, at - begin_);
      begin_ = at + 1;
      return line;
    }
    const std::size_t pending = end_ - begin_;
    if (pending > kLineBytesMax) {
      return absl::InvalidArgumentError("longer than 16 MiB");
    }
    TUCO_ASSIGN_OR_RETURN(const bool more, Fill());
    searched = begin_ + pending;
    if (more) continue;
    if (pending == 0) return std::nullopt;
    const std::string_view line(buffer_.data() + begin_, pending);
    begin_ = end_;
    return line;
  }
}

absl::StatusOr<bool> LineReader::Fill() {
  buffer_.erase(0, begin_);
  end_ -= begin_;
  begin_ = 0;
  if (buffer_.size() < end_ + kReadBytes) buffer_.resize(end_ + kReadBytes);
  while (true) {
    if (stop_()) return absl::CancelledError("interrupted");
    pollfd wait{.fd = fd_, .events = POLLIN, .revents = 0};
    if (::poll(&wait, 1, kStopIntervalMs) <= 0) continue;
    const ssize_t count =
        ::read(fd_, buffer_.data() + end_, buffer_.size() - end_);
    if (count >= 0) {
      end_ += static_cast<std::size_t>(count);
      return count > 0;
    }
    if (errno != EINTR && errno != EAGAIN) {
      return absl::InvalidArgumentError(absl::StrCat(
          "cannot be read: ", std::system_category().message(errno)));
    }
  }
}

}  // namespace tuco::cli

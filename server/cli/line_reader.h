// The lines of a file or a pipe, one after the other.

#ifndef TUCO_SERVER_CLI_LINE_READER_H_
#define TUCO_SERVER_CLI_LINE_READER_H_

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace tuco::cli {

// One thread at a time.
class LineReader {
 public:
  // A body of 1 MiB is a line of 6 MiB when every byte of it is escaped.
  static constexpr std::size_t kLineBytesMax = std::size_t{16} << 20;

  // Reads from `fd`, which stays open. `stop` is asked, some times a second,
  // whether to wait for more.
  LineReader(int fd, std::function<bool()> stop);

  // The next line without its line break, valid until the next call; nothing
  // at the end. InvalidArgument: it is longer than kLineBytesMax or cannot
  // be read. Cancelled: `stop` said so.
  absl::StatusOr<std::optional<std::string_view>> Next();

 private:
  // Whether there was more to read.
  absl::StatusOr<bool> Fill();

  const int fd_;
  const std::function<bool()> stop_;
  std::string buffer_;
  std::size_t begin_ = 0;  // Of what is not handed out yet.
  std::size_t end_ = 0;    // Of what is read.
};

}  // namespace tuco::cli

#endif  // TUCO_SERVER_CLI_LINE_READER_H_

// How far a command that takes a while has come, for whoever looks on.

#ifndef TUCO_SERVER_CLI_PROGRESS_H_
#define TUCO_SERVER_CLI_PROGRESS_H_

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>

namespace tuco::cli {

// Writes a notice every two seconds, and nothing at all where stderr is no
// terminal. One thread at a time.
class Progress {
 public:
  // `fd` is that of stderr; tests have another one.
  explicit Progress(int fd);

  // Says what `text` yields, and how many of `count` there were in a second
  // since it was said last, if it is time to.
  void Say(std::uint64_t count, const std::function<std::string()>& text);

 private:
  const bool terminal_;
  std::uint64_t count_ = 0;
  std::chrono::steady_clock::time_point said_at_;
};

}  // namespace tuco::cli

#endif  // TUCO_SERVER_CLI_PROGRESS_H_

// What the commands write to: messages on stderr, results on stdout.

#ifndef TUCO_SERVER_CLI_CONSOLE_H_
#define TUCO_SERVER_CLI_CONSOLE_H_

#include <cstdint>
#include <string_view>

#include "absl/status/status.h"

namespace tuco::cli {

// Writes `tuco-events: <message>` and a line break to stderr. What could
// disturb a terminal is escaped, because messages quote other people's words.
void Notice(std::string_view message);

// The same for an error; returns `exit_code`.
int Fail(int exit_code, std::string_view message);
int Fail(int exit_code, const absl::Status& status);

// Whether the file descriptor is a terminal.
bool IsTerminal(int fd);

// Whether stdout takes colours: a terminal, and NO_COLOR unset or empty.
bool StdoutTakesColours();

enum class WriteResult : std::uint8_t {
  kWritten,
  kClosed,  // Nobody reads any more, as behind `| head`.
  kFailed,  // No space, input or output error.
};

// Where results go. One thread at a time.
class Output {
 public:
  virtual ~Output() = default;
  // All of `text`, or a reason why not.
  virtual WriteResult Write(std::string_view text) = 0;
};

// A file descriptor, unbuffered: what was written is seen at once.
class FdOutput final : public Output {
 public:
  // Ignores SIGPIPE in the whole process, so that a closed pipe is an answer
  // and not the end.
  explicit FdOutput(int fd);
  WriteResult Write(std::string_view text) override;

 private:
  int fd_;
};

// What a process ends with when a write did: 0 for kClosed, else an error
// line and kExitStorage. `result` is not kWritten.
int ExitCodeOf(WriteResult result);

// Writes `text` to stdout; `exit_code`, or what a failure to write ends with.
int Print(std::string_view text, int exit_code);

}  // namespace tuco::cli

#endif  // TUCO_SERVER_CLI_CONSOLE_H_

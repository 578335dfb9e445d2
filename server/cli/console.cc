#include "server/cli/console.h"

#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "server/cli/exit_codes.h"
#include "server/cli/terminal_text.h"
#include "tuco/strings.h"

namespace tuco::cli {

void Notice(std::string_view message) {
  // One call, so that lines of several threads do not mix. When stderr is
  // gone there is nobody left to tell.
  const std::string line =
      Concat({"tuco-events: ", EscapeForTerminal(message), "\n"});
  std::fwrite(line.data(), 1, line.size(), stderr);
}

int Fail(int exit_code, std::string_view message) {
  Notice(message);
  return exit_code;
}

int Fail(int exit_code, const absl::Status& status) {
  return Fail(exit_code, FromAbsl(status.message()));
}

bool IsTerminal(int fd) { return ::isatty(fd) == 1; }

bool StdoutTakesColours() {
  const char* no_color = std::getenv("NO_COLOR");
  return IsTerminal(STDOUT_FILENO) &&
         (no_color == nullptr || *no_color == '\0');
}

FdOutput::FdOutput(int fd) : fd_(fd) { std::signal(SIGPIPE, SIG_IGN); }

WriteResult FdOutput::Write(std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(fd_, text.data(), text.size());
    if (written >= 0) {
      text.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno == EPIPE) {
      return WriteResult::kClosed;
    } else if (errno != EINTR) {
      return WriteResult::kFailed;
    }
  }
  return WriteResult::kWritten;
}

int ExitCodeOf(WriteResult result) {
  if (result == WriteResult::kClosed) return kExitOk;
  return Fail(kExitStorage, "cannot write to stdout; is the disk full?");
}

int Print(std::string_view text, int exit_code) {
  FdOutput output(STDOUT_FILENO);
  const WriteResult result = output.Write(text);
  return result == WriteResult::kFailed ? ExitCodeOf(result) : exit_code;
}

}  // namespace tuco::cli

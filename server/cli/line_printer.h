// Lines of a list, for commands that print one.

#ifndef TUCO_SERVER_CLI_LINE_PRINTER_H_
#define TUCO_SERVER_CLI_LINE_PRINTER_H_

#include <string>
#include <string_view>
#include <utility>

#include "server/cli/console.h"
#include "server/cli/exit_codes.h"
#include "tuco/strings.h"

namespace tuco::cli {

// Prints lines until it fails; the heading before the first, unless it is
// empty.
class LinePrinter {
 public:
  LinePrinter(Output& output, std::string heading)
      : output_(output), heading_(std::move(heading)) {}

  // Whether to go on.
  bool Print(std::string_view line) {
    result_ = output_.Write(Concat({heading_, line}));
    heading_.clear();
    printed_ = true;
    return result_ == WriteResult::kWritten;
  }

  bool printed() const { return printed_; }
  // What the process ends with when it was to end with `exit_code`.
  int ExitCode(int exit_code) const {
    return result_ == WriteResult::kFailed ? ExitCodeOf(result_) : exit_code;
  }

 private:
  Output& output_;
  std::string heading_;
  bool printed_ = false;
  WriteResult result_ = WriteResult::kWritten;
};

}  // namespace tuco::cli

#endif  // TUCO_SERVER_CLI_LINE_PRINTER_H_

// An output that keeps what is written, and fails when told to.

#ifndef TUCO_TESTS_SERVER_CLI_STRING_OUTPUT_H_
#define TUCO_TESTS_SERVER_CLI_STRING_OUTPUT_H_

#include <string>
#include <string_view>

#include "server/cli/console.h"

namespace tuco::cli {

class StringOutput final : public Output {
 public:
  WriteResult Write(std::string_view written) override {
    if (result == WriteResult::kWritten) text += written;
    return result;
  }

  std::string text;
  WriteResult result = WriteResult::kWritten;
};

}  // namespace tuco::cli

#endif  // TUCO_TESTS_SERVER_CLI_STRING_OUTPUT_H_

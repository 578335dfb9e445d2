// The environment variables that commands look at, so that tests can set them.

#ifndef TUCO_SERVER_CLI_ENVIRONMENT_H_
#define TUCO_SERVER_CLI_ENVIRONMENT_H_

#include <functional>
#include <optional>
#include <string>

namespace tuco::cli {

// The value of a variable; nothing when it is unset or empty.
using Environment = std::function<std::optional<std::string>(const char* name)>;

// The process's own.
Environment ProcessEnvironment();

}  // namespace tuco::cli

#endif  // TUCO_SERVER_CLI_ENVIRONMENT_H_

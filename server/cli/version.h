// The version of the program, and `tuco-events version`.

#ifndef TUCO_SERVER_CLI_VERSION_H_
#define TUCO_SERVER_CLI_VERSION_H_

#include <string>
#include <string_view>

#include "server/cli/command_line.h"

namespace tuco::cli {

// Such as `0.1.0`: the project's version in CMakeLists.txt.
std::string_view Version();

// The version, the compiler and the libraries, several lines.
std::string VersionText();
// The same as one JSON object on one line.
std::string VersionJson();

// Adds the command to `parent`.
void AddVersion(Command parent);

}  // namespace tuco::cli

#endif  // TUCO_SERVER_CLI_VERSION_H_

// `tuco-events serve`.

#ifndef TUCO_SERVER_APP_SERVE_COMMAND_H_
#define TUCO_SERVER_APP_SERVE_COMMAND_H_

#include <string>

#include "server/cli/command_line.h"

namespace tuco::app {

// Adds the command to `parent`. It serves until SIGTERM or SIGINT; `program` is
// how the user called us.
void AddServe(cli::Command parent, const std::string& program);

}  // namespace tuco::app

#endif  // TUCO_SERVER_APP_SERVE_COMMAND_H_

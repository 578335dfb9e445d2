// `tuco-events send`: signed deliveries, like those of Tuco's Test button, one
// or a load of them.

#ifndef TUCO_SERVER_CLI_SEND_H_
#define TUCO_SERVER_CLI_SEND_H_

#include "server/cli/command_line.h"

namespace tuco::cli {

// Adds the command to `parent`.
void AddSend(Command parent);

}  // namespace tuco::cli

#endif  // TUCO_SERVER_CLI_SEND_H_

// `tuco-events quarantine`: what was not taken in, and what to do with it.

#ifndef TUCO_SERVER_CLI_QUARANTINE_H_
#define TUCO_SERVER_CLI_QUARANTINE_H_

#include "server/cli/command_line.h"

namespace tuco::cli {

// Adds the command and its own to `parent`.
void AddQuarantine(Command parent);

}  // namespace tuco::cli

#endif  // TUCO_SERVER_CLI_QUARANTINE_H_

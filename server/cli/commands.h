// The commands of `tuco-events` that are clients or tools; `serve` is in
// server/app.

#ifndef TUCO_SERVER_CLI_COMMANDS_H_
#define TUCO_SERVER_CLI_COMMANDS_H_

#include "server/cli/command_line.h"

namespace tuco::cli {

// Adds send, tail, verify, subscriptions, quarantine, stats, secret and version
// to `parent`.
void AddCommands(Command parent);

}  // namespace tuco::cli

#endif  // TUCO_SERVER_CLI_COMMANDS_H_

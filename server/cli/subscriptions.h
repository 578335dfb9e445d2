// `tuco-events subscriptions`: keeps places in a server's log.

#ifndef TUCO_SERVER_CLI_SUBSCRIPTIONS_H_
#define TUCO_SERVER_CLI_SUBSCRIPTIONS_H_

#include "server/cli/command_line.h"

namespace tuco::cli {

// Adds the command to `parent`.
void AddSubscriptions(Command parent);

}  // namespace tuco::cli

#endif  // TUCO_SERVER_CLI_SUBSCRIPTIONS_H_

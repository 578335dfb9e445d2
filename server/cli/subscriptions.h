// `tuco-events subscriptions`: keeps places in a server's log.

#ifndef TUCO_SERVER_CLI_SUBSCRIPTIONS_H_
#define TUCO_SERVER_CLI_SUBSCRIPTIONS_H_

#include <CLI/App.hpp>

namespace tuco::cli {

// Adds the subcommand to `app`.
void AddSubscriptions(CLI::App& app, int& exit_code);

}  // namespace tuco::cli

#endif  // TUCO_SERVER_CLI_SUBSCRIPTIONS_H_

// `tuco-events send`: signed deliveries, like those of Tuco's Test button, one
// or a load of them.

#ifndef TUCO_SERVER_CLI_SEND_H_
#define TUCO_SERVER_CLI_SEND_H_

#include <CLI/App.hpp>

namespace tuco::cli {

// Adds the subcommand to `app`.
void AddSend(CLI::App& app, int& exit_code);

}  // namespace tuco::cli

#endif  // TUCO_SERVER_CLI_SEND_H_

// `tuco-events quarantine`: what was not taken in, and what to do with it.

#ifndef TUCO_SERVER_CLI_QUARANTINE_H_
#define TUCO_SERVER_CLI_QUARANTINE_H_

#include <CLI/App.hpp>

namespace tuco::cli {

// Adds the subcommand and its own to `app`.
void AddQuarantine(CLI::App& app, int& exit_code);

}  // namespace tuco::cli

#endif  // TUCO_SERVER_CLI_QUARANTINE_H_

// The subcommands of `tuco-events` that are clients or tools; `serve` is in
// server/app.

#ifndef TUCO_SERVER_CLI_COMMANDS_H_
#define TUCO_SERVER_CLI_COMMANDS_H_

#include <CLI/App.hpp>

#include "server/cli/exit_codes.h"  // IWYU pragma: export

namespace tuco::cli {

// Adds send, tail, verify, quarantine, stats, secret and version to `app`. The
// command that the command line names runs inside CLI::App::parse and leaves
// what the process ends with in `exit_code`.
void AddCommands(CLI::App& app, int& exit_code);

}  // namespace tuco::cli

#endif  // TUCO_SERVER_CLI_COMMANDS_H_

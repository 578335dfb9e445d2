// `tuco-events serve`.

#ifndef TUCO_SERVER_APP_SERVE_COMMAND_H_
#define TUCO_SERVER_APP_SERVE_COMMAND_H_

#include <CLI/App.hpp>
#include <string>

namespace tuco::app {

// Adds the subcommand to `app`. It serves until SIGTERM or SIGINT and leaves
// what the process ends with in `exit_code`; `program` is how the user called
// us.
void AddServe(CLI::App& app, const std::string& program, int& exit_code);

}  // namespace tuco::app

#endif  // TUCO_SERVER_APP_SERVE_COMMAND_H_

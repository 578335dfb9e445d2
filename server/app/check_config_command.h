// `tuco-events check-config`.

#ifndef TUCO_SERVER_APP_CHECK_CONFIG_COMMAND_H_
#define TUCO_SERVER_APP_CHECK_CONFIG_COMMAND_H_

#include <CLI/App.hpp>

namespace tuco::app {

// Adds the subcommand to `app`; it leaves what the process ends with in
// `exit_code`.
void AddCheckConfig(CLI::App& app, int& exit_code);

}  // namespace tuco::app

#endif  // TUCO_SERVER_APP_CHECK_CONFIG_COMMAND_H_

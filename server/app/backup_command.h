// `tuco-events backup`.

#ifndef TUCO_SERVER_APP_BACKUP_COMMAND_H_
#define TUCO_SERVER_APP_BACKUP_COMMAND_H_

#include <CLI/App.hpp>

namespace tuco::app {

// Adds the subcommand to `app`; it leaves what the process ends with in
// `exit_code`.
void AddBackup(CLI::App& app, int& exit_code);

}  // namespace tuco::app

#endif  // TUCO_SERVER_APP_BACKUP_COMMAND_H_

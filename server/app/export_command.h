// `tuco-events export`.

#ifndef TUCO_SERVER_APP_EXPORT_COMMAND_H_
#define TUCO_SERVER_APP_EXPORT_COMMAND_H_

#include "server/cli/command_line.h"

namespace tuco::app {

// Adds the command to `parent`.
void AddExport(cli::Command parent);

}  // namespace tuco::app

#endif  // TUCO_SERVER_APP_EXPORT_COMMAND_H_

// `tuco-events tail`: prints the events of a server's log, and follows it.

#ifndef TUCO_SERVER_CLI_TAIL_H_
#define TUCO_SERVER_CLI_TAIL_H_

#include <CLI/App.hpp>

#include "server/cli/console.h"
#include "server/cli/interrupt.h"
#include "server/cli/tail_options.h"

namespace tuco::cli {

// Connects and prints to `output` what `flags` ask for, in colours when
// `colours` and for people. What the process ends with.
int RunTail(const TailFlags& flags, Output& output, bool colours,
            Interrupt& interrupt);

// Adds the subcommand to `app`.
void AddTail(CLI::App& app, int& exit_code);

}  // namespace tuco::cli

#endif  // TUCO_SERVER_CLI_TAIL_H_

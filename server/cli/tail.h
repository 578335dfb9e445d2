// `tuco-events tail`: prints the events of a server's log, and follows it.

#ifndef TUCO_SERVER_CLI_TAIL_H_
#define TUCO_SERVER_CLI_TAIL_H_

#include "server/cli/command_line.h"
#include "server/cli/console.h"
#include "server/cli/interrupt.h"
#include "server/cli/tail_options.h"

namespace tuco::cli {

// Connects and prints to `output` what `flags` ask for, in colours when
// `colours` and for people. What the process ends with.
int RunTail(const TailFlags& flags, Output& output, bool colours,
            Interrupt& interrupt);

// Adds the command to `parent`.
void AddTail(Command parent);

}  // namespace tuco::cli

#endif  // TUCO_SERVER_CLI_TAIL_H_

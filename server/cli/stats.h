// `tuco-events stats`: how a server is.

#ifndef TUCO_SERVER_CLI_STATS_H_
#define TUCO_SERVER_CLI_STATS_H_

#include <string>

#include "server/cli/command_line.h"
#include "server/cli/console.h"
#include "server/cli/interrupt.h"
#include "server/client/credentials.h"

namespace tuco::cli {

// The command line as it was given; empty is not given.
struct StatsFlags {
  std::string output = "text";
  std::string grpc;
  client::CredentialFiles credentials;
};

// Connects, prints to `output`, and returns what the process ends with.
int RunStats(const StatsFlags& flags, Output& output, Interrupt& interrupt);

// Adds the command to `parent`.
void AddStats(Command parent);

}  // namespace tuco::cli

#endif  // TUCO_SERVER_CLI_STATS_H_

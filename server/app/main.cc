// tuco-events: the front door for Tuco webhooks.

#include <fcntl.h>

#include <cstdlib>
#include <exception>
#include <iostream>

#include "absl/status/statusor.h"
#include "server/app/backup_command.h"
#include "server/app/check_config_command.h"
#include "server/app/export_command.h"
#include "server/app/import_command.h"
#include "server/app/serve_command.h"
#include "server/cli/command_line.h"
#include "server/cli/commands.h"
#include "server/cli/console.h"
#include "server/cli/exit_codes.h"

namespace {

// Whoever starts us without the three standard descriptors would have the
// next files that are opened stand in their place, and our messages in them.
void OpenStandardDescriptors() {
  for (int descriptor = 0; descriptor <= 2; ++descriptor) {
    if (fcntl(descriptor, F_GETFD) == -1) open("/dev/null", O_RDWR);
  }
}

int Run(int argc, char** argv) {
  tuco::cli::CommandLine command_line(
      "tuco-events",
      "Receives Tuco webhooks, keeps every event, streams them.");
  const tuco::cli::Command program = command_line.program();
  program.RequireCommand();
  tuco::app::AddServe(program, argv[0]);
  tuco::app::AddCheckConfig(program);
  tuco::app::AddBackup(program);
  tuco::app::AddExport(program);
  tuco::app::AddImport(program);
  tuco::cli::AddCommands(program);
  const absl::StatusOr<int> exit_code =
      command_line.Run({argv + 1, argv + argc}, std::cout);
  if (exit_code.ok()) return *exit_code;
  return tuco::cli::Fail(tuco::cli::kExitUsage, exit_code.status());
}

}  // namespace

int main(int argc, char** argv) {
  OpenStandardDescriptors();
  // gRPC's own words about a port that is taken would stand beside ours.
  setenv("GRPC_VERBOSITY", "NONE", 0);
  try {
    return Run(argc, argv);
  } catch (const std::exception& error) {
    return tuco::cli::Fail(tuco::cli::kExitConnect, error.what());
  }
}

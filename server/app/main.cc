// tuco-events: the front door for Tuco webhooks.

#include <fcntl.h>

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <exception>

#include "server/app/backup_command.h"
#include "server/app/check_config_command.h"
#include "server/app/export_command.h"
#include "server/app/import_command.h"
#include "server/app/serve_command.h"
#include "server/cli/commands.h"
#include "server/cli/console.h"

namespace {

// Whoever starts us without the three standard descriptors would have the
// next files that are opened stand in their place, and our messages in them.
void OpenStandardDescriptors() {
  for (int descriptor = 0; descriptor <= 2; ++descriptor) {
    if (fcntl(descriptor, F_GETFD) == -1) open("/dev/null", O_RDWR);
  }
}

int Run(int argc, char** argv) {
  CLI::App app("Receives Tuco webhooks, keeps every event, streams them.",
               "tuco-events");
  app.require_subcommand(1);
  int exit_code = tuco::cli::kExitOk;
  try {
    tuco::app::AddServe(app, argv[0], exit_code);
    tuco::app::AddCheckConfig(app, exit_code);
    tuco::app::AddBackup(app, exit_code);
    tuco::app::AddExport(app, exit_code);
    tuco::app::AddImport(app, exit_code);
    tuco::cli::AddCommands(app, exit_code);
    app.parse(argc, argv);
    return exit_code;
  } catch (const CLI::CallForHelp& help) {
    return app.exit(help);
  } catch (const CLI::ParseError& error) {
    return tuco::cli::Fail(tuco::cli::kExitUsage, error.what());
  }
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

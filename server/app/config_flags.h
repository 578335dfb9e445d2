// The flags by which a server is told its configuration, which every command
// has that stands in for one.

#ifndef TUCO_SERVER_APP_CONFIG_FLAGS_H_
#define TUCO_SERVER_APP_CONFIG_FLAGS_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "server/app/config.h"
#include "server/cli/command_line.h"

namespace tuco::app {

// As they were typed.
struct ConfigFlags {
  std::string file;  // --config; empty without it.
  std::optional<std::string> http;
  std::optional<std::string> grpc;
  std::optional<std::string> admin;
  std::optional<std::string> data;
  std::optional<std::string> log;
};

// Adds --config, --http, --grpc, --admin, --data and --log to `command`, which
// leaves their values in `flags`. `flags` must outlive the parsing.
void AddConfigFlags(cli::Command command, ConfigFlags& flags);

// What all of them but --config say. InvalidArgument, naming the flag, for an
// address that is none.
absl::StatusOr<Settings> SettingsFromFlags(const ConfigFlags& flags);

}  // namespace tuco::app

#endif  // TUCO_SERVER_APP_CONFIG_FLAGS_H_

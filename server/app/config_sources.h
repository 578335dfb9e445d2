// The configuration that every command shares which stands in for a server:
// from the flags, the environment and the file, with the secrets read.

#ifndef TUCO_SERVER_APP_CONFIG_SOURCES_H_
#define TUCO_SERVER_APP_CONFIG_SOURCES_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/app/config.h"
#include "server/app/serve_config.h"
#include "server/cli/environment.h"
#include "server/receiver/endpoints.h"

namespace tuco::app {

// What `flags` says, what the environment says, and what `file` says, which is
// the path that --config names, empty without it: then they are two. The codes
// of SettingsFromEnvironment and LoadConfigFile.
absl::StatusOr<std::vector<Settings>> LoadSources(
    Settings flags, const std::string& file,
    const cli::Environment& environment);

// What those sources come to. The codes of Resolve besides.
absl::StatusOr<ServeConfig> LoadConfig(Settings flags, const std::string& file,
                                       const cli::Environment& environment);

// Movable.
struct ConfiguredEndpoints {
  receiver::WipedConfigs secrets;
  receiver::Endpoints endpoints;
};

// The endpoints of `config` with their secrets. InvalidArgument: there is none,
// to which `or_else` is added, or the codes of LoadSecrets.
absl::StatusOr<ConfiguredEndpoints> LoadEndpoints(
    const ServeConfig& config, std::string_view or_else,
    const cli::Environment& environment);

// All that a server is told. Movable.
struct ServePlan {
  ServeConfig config;
  ConfiguredEndpoints endpoints;
};

// What the process is to end with when its configuration is not one, and when
// its log cannot be opened.
int ExitCodeOfConfig(const absl::Status& status);
int ExitCodeOfStart(const absl::Status& status);

}  // namespace tuco::app

#endif  // TUCO_SERVER_APP_CONFIG_SOURCES_H_

#include "server/app/config_sources.h"

#include <utility>

#include "server/app/config_file.h"
#include "server/app/secret_loader.h"
#include "server/base/logging.h"
#include "server/base/status_macros.h"
#include "server/cli/exit_codes.h"
#include "tuco/strings.h"

namespace tuco::app {

absl::StatusOr<std::vector<Settings>> LoadSources(
    Settings flags, const std::string& file,
    const cli::Environment& environment) {
  std::vector<Settings> sources;
  sources.push_back(std::move(flags));
  TUCO_ASSIGN_OR_RETURN(sources.emplace_back(),
                        SettingsFromEnvironment(environment));
  const bool env_endpoints = !sources.back().endpoints.empty();
  if (!file.empty()) {
    TUCO_ASSIGN_OR_RETURN(sources.emplace_back(), LoadConfigFile(file));
    if (env_endpoints && !sources.back().endpoints.empty()) {
      base::Log(base::Severity::kWarning,
                "the secret in the environment is ignored: the configuration "
                "file has endpoints");
    }
  }
  return sources;
}

absl::StatusOr<ServeConfig> LoadConfig(Settings flags, const std::string& file,
                                       const cli::Environment& environment) {
  TUCO_ASSIGN_OR_RETURN(const std::vector<Settings> sources,
                        LoadSources(std::move(flags), file, environment));
  return Resolve(sources);
}

absl::StatusOr<ConfiguredEndpoints> LoadEndpoints(
    const ServeConfig& config, std::string_view or_else,
    const cli::Environment& environment) {
  if (config.endpoints.empty()) {
    return absl::InvalidArgumentError(
        Concat({"no signing secret is configured: set TUCO_WEBHOOK_SECRET_FILE "
                "to a file with the secret that Tuco showed, or pass --config "
                "with an [[endpoint]]",
                or_else}));
  }
  TUCO_ASSIGN_OR_RETURN(receiver::WipedConfigs secrets,
                        LoadSecrets(config.endpoints, environment));
  TUCO_ASSIGN_OR_RETURN(receiver::Endpoints endpoints,
                        receiver::Endpoints::Create(secrets.all()));
  return ConfiguredEndpoints{std::move(secrets), std::move(endpoints)};
}

int ExitCodeOfConfig(const absl::Status& status) {
  return absl::IsInvalidArgument(status) ? cli::kExitUsage : cli::kExitConnect;
}

int ExitCodeOfStart(const absl::Status& status) {
  return absl::IsDataLoss(status) || absl::IsResourceExhausted(status)
             ? cli::kExitStorage
             : cli::kExitConnect;
}

}  // namespace tuco::app

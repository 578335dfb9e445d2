#include "server/app/serve_plan.h"

#include <utility>

#include "server/app/dev_mode.h"
#include "server/app/service_manager.h"
#include "server/base/status_macros.h"

namespace tuco::app {
namespace {

// A socket that was handed to us counts before any address.
absl::StatusOr<Settings> FirstSettings(const ConfigFlags& flags) {
  TUCO_ASSIGN_OR_RETURN(Settings settings, SettingsFromFlags(flags));
  TUCO_ASSIGN_OR_RETURN(InheritedSockets sockets,
                        TakeInheritedSockets(cli::ProcessEnvironment()));
  if (sockets.http) settings.http = std::move(sockets.http);
  if (sockets.grpc) settings.grpc = std::move(sockets.grpc);
  if (sockets.admin) settings.admin = std::move(sockets.admin);
  return settings;
}

absl::StatusOr<ServeConfig> ReadConfig(const ServeFlags& flags) {
  TUCO_ASSIGN_OR_RETURN(Settings settings, FirstSettings(flags.config));
  TUCO_ASSIGN_OR_RETURN(ServeConfig config,
                        LoadConfig(std::move(settings), flags.config.file));
  if (config.endpoints.empty() && flags.dev) {
    TUCO_ASSIGN_OR_RETURN(config.endpoints.emplace_back(),
                          DevEndpoint(config.data));
  }
  return config;
}

// Every file that `config` names and that is read again when it changes.
void WatchFilesOf(const ServeConfig& config, base::FileWatch& watch) {
  for (const EndpointSettings& endpoint : config.endpoints) {
    for (const SecretConfig& secret : endpoint.secrets) {
      if (!secret.file.empty()) watch.Add(secret.file);
    }
  }
}

}  // namespace

absl::StatusOr<ServePlan> ReadServePlan(const ServeFlags& flags,
                                        base::FileWatch& watch) {
  if (!flags.config.file.empty()) watch.Add(flags.config.file);
  TUCO_ASSIGN_OR_RETURN(ServeConfig config, ReadConfig(flags));
  WatchFilesOf(config, watch);
  TUCO_ASSIGN_OR_RETURN(
      ConfiguredEndpoints endpoints,
      LoadEndpoints(config, ", or try things out with --dev"));
  return ServePlan{std::move(config), std::move(endpoints)};
}

}  // namespace tuco::app

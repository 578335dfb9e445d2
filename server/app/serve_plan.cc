#include "server/app/serve_plan.h"

#include <string>
#include <utility>

#include "server/app/dev_mode.h"
#include "server/app/secret_loader.h"
#include "server/app/service_manager.h"
#include "server/base/status_macros.h"

namespace tuco::app {
namespace {

// A socket that was handed to us counts before any address.
absl::StatusOr<Settings> FirstSettings(const ConfigFlags& flags,
                                       const cli::Environment& environment) {
  TUCO_ASSIGN_OR_RETURN(Settings settings, SettingsFromFlags(flags));
  TUCO_ASSIGN_OR_RETURN(InheritedSockets sockets,
                        TakeInheritedSockets(environment));
  if (sockets.http) settings.http = std::move(sockets.http);
  if (sockets.grpc) settings.grpc = std::move(sockets.grpc);
  if (sockets.admin) settings.admin = std::move(sockets.admin);
  return settings;
}

absl::StatusOr<ServeConfig> ReadConfig(const ServeFlags& flags,
                                       const cli::Environment& environment) {
  TUCO_ASSIGN_OR_RETURN(Settings settings,
                        FirstSettings(flags.config, environment));
  TUCO_ASSIGN_OR_RETURN(
      ServeConfig config,
      LoadConfig(std::move(settings), flags.config.file, environment));
  if (config.endpoints.empty() && flags.dev) {
    TUCO_ASSIGN_OR_RETURN(config.endpoints.emplace_back(),
                          DevEndpoint(config.data));
  }
  return config;
}

// Every file that `config` names and that is read again when it changes.
void WatchFilesOf(const ServeConfig& config,
                  const cli::Environment& environment, base::FileWatch& watch) {
  for (const EndpointSettings& endpoint : config.endpoints) {
    for (const SecretConfig& secret : endpoint.secrets) {
      const absl::StatusOr<std::string> file = SecretFile(secret, environment);
      if (file.ok() && !file->empty()) watch.Add(*file);
    }
  }
  const base::TlsPaths http = config.http_tls.value_or(base::TlsPaths());
  for (const std::string* const path :
       {&http.certificate, &http.key, &config.grpc_tls.certificate,
        &config.grpc_tls.key, &config.grpc_tls.authorities,
        &config.grpc_token_file}) {
    if (!path->empty()) watch.Add(*path);
  }
}

void HideSecretsOf(const ServeConfig& config, EnvironmentSecrets& environment) {
  for (const EndpointSettings& endpoint : config.endpoints) {
    for (const SecretConfig& secret : endpoint.secrets) {
      if (!secret.env.empty()) environment.Hide(secret.env);
    }
  }
}

}  // namespace

absl::StatusOr<ServePlan> ReadServePlan(const ServeFlags& flags,
                                        EnvironmentSecrets& environment,
                                        base::FileWatch& watch) {
  const cli::Environment variables = environment.Reader();
  if (!flags.config.file.empty()) watch.Add(flags.config.file);
  TUCO_ASSIGN_OR_RETURN(ServeConfig config, ReadConfig(flags, variables));
  WatchFilesOf(config, variables, watch);
  HideSecretsOf(config, environment);
  TUCO_ASSIGN_OR_RETURN(
      ConfiguredEndpoints endpoints,
      LoadEndpoints(config, ", or try things out with --dev", variables));
  return ServePlan{std::move(config), std::move(endpoints)};
}

}  // namespace tuco::app

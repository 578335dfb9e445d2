#include "server/app/config_flags.h"

#include <string_view>
#include <utility>

#include "server/base/net_address.h"
#include "server/base/status_macros.h"
#include "tuco/strings.h"

namespace tuco::app {
namespace {

absl::Status ReadAddress(std::string_view flag,
                         const std::optional<std::string>& text,
                         std::optional<base::NetAddress>& address) {
  if (!text.has_value()) return absl::OkStatus();
  absl::StatusOr<base::NetAddress> parsed = base::ParseNetAddress(*text);
  if (!parsed.ok()) {
    return absl::InvalidArgumentError(
        Concat({flag, ": ", FromAbsl(parsed.status().message())}));
  }
  address = *std::move(parsed);
  return absl::OkStatus();
}

}  // namespace

void AddConfigFlags(cli::Command command, ConfigFlags& flags) {
  command.AddOption("--config", flags.file, "TOML file").ValueName("FILE");
  command
      .AddOption("--http", flags.http,
                 "Where deliveries come in (default 0.0.0.0:8080)")
      .ValueName("ADDR");
  command
      .AddOption("--grpc", flags.grpc,
                 "Where gRPC is served (default 127.0.0.1:50051)")
      .ValueName("ADDR");
  command
      .AddOption("--admin", flags.admin,
                 "Where metrics and probes are (default 127.0.0.1:9464)")
      .ValueName("ADDR");
  command
      .AddOption("--data", flags.data,
                 "Folder of the server's files (default ./data)")
      .ValueName("DIR");
  command
      .AddOption("--log", flags.log,
                 "Where the event log is (default sqlite:DATA)")
      .ValueName("URL");
}

absl::StatusOr<Settings> SettingsFromFlags(const ConfigFlags& flags) {
  Settings settings;
  TUCO_RETURN_IF_ERROR(ReadAddress("--http", flags.http, settings.http));
  TUCO_RETURN_IF_ERROR(ReadAddress("--grpc", flags.grpc, settings.grpc));
  TUCO_RETURN_IF_ERROR(ReadAddress("--admin", flags.admin, settings.admin));
  settings.data = flags.data;
  settings.log_url = flags.log;
  return settings;
}

}  // namespace tuco::app

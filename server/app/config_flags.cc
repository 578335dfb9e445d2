#include "server/app/config_flags.h"

#include <CLI/CLI.hpp>
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

void AddConfigFlags(CLI::App& command, ConfigFlags& flags) {
  command.add_option("--config", flags.file, "TOML file")->type_name("FILE");
  command
      .add_option("--http", flags.http,
                  "Where deliveries come in (default 0.0.0.0:8080)")
      ->type_name("ADDR");
  command
      .add_option("--grpc", flags.grpc,
                  "Where gRPC is served (default 127.0.0.1:50051)")
      ->type_name("ADDR");
  command
      .add_option("--admin", flags.admin,
                  "Where metrics and probes are (default 127.0.0.1:9464)")
      ->type_name("ADDR");
  command
      .add_option("--data", flags.data,
                  "Folder of the server's files (default ./data)")
      ->type_name("DIR");
  command
      .add_option("--log", flags.log,
                  "Where the event log is (default sqlite:DATA)")
      ->type_name("URL");
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

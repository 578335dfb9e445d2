#include "server/app/check_config_command.h"

#include <sys/stat.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "server/app/config_flags.h"
#include "server/app/config_report.h"
#include "server/app/config_sources.h"
#include "server/app/grpc_access.h"
#include "server/app/http_certificate.h"
#include "server/app/serve_config.h"
#include "server/base/clock.h"
#include "server/base/private_directory.h"
#include "server/base/status_macros.h"
#include "server/cli/console.h"
#include "server/cli/environment.h"
#include "server/cli/exit_codes.h"
#include "tuco/strings.h"
#include "tuco/timestamp.h"

namespace tuco::app {
namespace {

constexpr const char* kFooter = R"(
Reads the flags, the environment and the file as `serve` does, the secrets, and
the certificates and keys; looks whether the folders are there or can be made; and
starts, makes and opens
nothing else. Whether an address is free, and whether the log is whole, is seen
by starting.

What is right is printed as a configuration file that says the same, each setting
with its source. No secret is ever printed, only where each is.

Exit code: 0 right, 2 wrong: one line on stderr, as `serve` would say it.

Examples:
  tuco-events check-config --config /etc/tuco/tuco-events.toml
  tuco-events check-config --config tuco-events.toml --output json)";

struct CheckConfigFlags {
  ConfigFlags config;
  std::string output = "text";
};

// The volume that folder `path` is on, or will be when it is made.
std::optional<dev_t> VolumeOf(const std::string& path) {
  struct stat found {};
  if (::stat(path.c_str(), &found) == 0) return found.st_dev;
  if (::stat(base::ParentOf(path).c_str(), &found) == 0) return found.st_dev;
  return std::nullopt;
}

absl::Status CheckFolders(const ServeConfig& config) {
  TUCO_RETURN_IF_ERROR(base::CheckPrivateDirectory(config.log_directory));
  if (config.spool_directory.empty()) return absl::OkStatus();
  return base::CheckPrivateDirectory(config.spool_directory);
}

void WarnOfExpiry(const ServeConfig& config,
                  const std::optional<Timestamp>& expires_at) {
  const auto now = std::chrono::system_clock::now();
  if (!expires_at || *expires_at - now >= kCertificateWarning) return;
  cli::Notice(Concat({"http.tls_cert \"", config.http_tls->certificate,
                      *expires_at <= now ? "\" has expired, on "
                                         : "\" expires within 14 days, on ",
                      FormatTimestamp(*expires_at)}));
}

// What is allowed and hardly meant.
void WarnOfVolume(const ServeConfig& config) {
  if (config.spool_directory.empty()) return;
  if (VolumeOf(config.spool_directory) != VolumeOf(config.log_directory)) {
    return;
  }
  cli::Notice(Concat({"log.spool_dir \"", config.spool_directory,
                      "\" is on the same volume as the log: where the one is "
                      "full or fails, so does the other"}));
}

int CheckConfig(const CheckConfigFlags& flags) {
  const auto fail = [](const absl::Status& status) {
    return cli::Fail(cli::kExitUsage, status);
  };
  absl::StatusOr<Settings> settings = SettingsFromFlags(flags.config);
  if (!settings.ok()) return fail(settings.status());
  const absl::StatusOr<std::vector<Settings>> sources = LoadSources(
      *std::move(settings), flags.config.file, cli::ProcessEnvironment());
  if (!sources.ok()) return fail(sources.status());
  const absl::StatusOr<ServeConfig> config = Resolve(*sources);
  if (!config.ok()) return fail(config.status());
  const absl::Status endpoints =
      LoadEndpoints(*config, "", cli::ProcessEnvironment()).status();
  if (!endpoints.ok()) return fail(endpoints);
  const base::SystemClock clock;
  const absl::Status access = LoadGrpcAccess(*config, clock).status();
  if (!access.ok()) return fail(access);
  const absl::StatusOr<std::optional<Timestamp>> expires_at =
      CheckHttpCertificate(*config);
  if (!expires_at.ok()) return fail(expires_at.status());
  const absl::Status folders = CheckFolders(*config);
  if (!folders.ok()) return fail(folders);
  WarnOfExpiry(*config, *expires_at);
  WarnOfVolume(*config);
  return cli::Print(flags.output == "json" ? ConfigAsJson(*config, *sources)
                                           : ConfigAsToml(*config, *sources),
                    cli::kExitOk);
}

}  // namespace

void AddCheckConfig(cli::Command parent) {
  const auto flags = std::make_shared<CheckConfigFlags>();
  const cli::Command command = parent.AddCommand(
      "check-config", "Check a server's configuration without starting it.");
  AddConfigFlags(command, flags->config);
  command.AddOption("--output", flags->output, "text or json")
      .OneOf({"text", "json"})
      .ShowDefault();
  command.SetFooter(kFooter);
  command.SetAction([flags] { return CheckConfig(*flags); });
}

}  // namespace tuco::app

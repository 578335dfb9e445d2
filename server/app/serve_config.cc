#include "server/app/serve_config.h"

#include <chrono>
#include <cstdint>
#include <string_view>
#include <utility>

#include "server/base/status_macros.h"
#include "tuco/event_id.h"
#include "tuco/hmac_sha256.h"
#include "tuco/strings.h"

namespace tuco::app {
namespace {

constexpr std::string_view kSqliteScheme = "sqlite:";
constexpr char kSecretVariable[] = "TUCO_WEBHOOK_SECRET";
constexpr char kSecretFileVariable[] = "TUCO_WEBHOOK_SECRET_FILE";

// The first value that a source has for `member`.
template <typename T>
std::optional<T> First(const std::vector<Settings>& sources,
                       std::optional<T> Settings::*member) {
  for (const Settings& source : sources) {
    if ((source.*member).has_value()) return source.*member;
  }
  return std::nullopt;
}

absl::StatusOr<base::NetAddress> AddressOr(
    const std::optional<base::NetAddress>& address, std::string_view fallback) {
  if (address.has_value()) return *address;
  return base::ParseNetAddress(fallback);
}

// The directory of the log that `url` names, by default the data directory.
absl::StatusOr<std::string> LogDirectory(const std::optional<std::string>& url,
                                         const std::string& data) {
  if (!url.has_value()) return data;
  if (!url->starts_with(kSqliteScheme) || url->size() == kSqliteScheme.size()) {
    return absl::InvalidArgumentError(
        Concat({"log url \"", *url, "\": expected sqlite:DIRECTORY"}));
  }
  return url->substr(kSqliteScheme.size());
}

absl::Status CheckTlsPaths(const base::TlsPaths& tls) {
  if (tls.certificate.empty() == tls.key.empty() &&
      (tls.authorities.empty() || !tls.certificate.empty())) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      "[grpc]: expected tls_cert and tls_key together, and tls_client_ca only "
      "with them");
}

// A certificate that is required of clients is the only thing that keeps
// strangers cheap: gRPC 1.51 spends minutes on a flood of headers.
absl::Status CheckGrpcBind(const ServeConfig& config) {
  if (config.grpc.off() || config.grpc.IsLocal() || config.grpc_insecure_bind ||
      !config.grpc_tls.authorities.empty()) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      Concat({"gRPC address ", config.grpc.ToString(),
              config.grpc_tls.certificate.empty()
                  ? " is reachable from other machines without encryption"
                  : " is reachable from other machines, by clients without a "
                    "certificate",
              ": use 127.0.0.1, [::1] or unix:PATH, or set tls_cert, tls_key "
              "and tls_client_ca in [grpc], or insecure_bind = true there"}));
}

absl::Status ResolveGrpc(const std::vector<Settings>& sources,
                         ServeConfig& config) {
  const auto path = [&sources](std::optional<std::string> Settings::*member) {
    return First(sources, member).value_or(std::string());
  };
  TUCO_ASSIGN_OR_RETURN(
      config.grpc, AddressOr(First(sources, &Settings::grpc), kGrpcDefault));
  config.grpc_insecure_bind =
      First(sources, &Settings::grpc_insecure_bind).value_or(false);
  config.grpc_tls = {.certificate = path(&Settings::grpc_tls_cert),
                     .key = path(&Settings::grpc_tls_key),
                     .authorities = path(&Settings::grpc_tls_client_ca)};
  config.grpc_token_file = path(&Settings::grpc_token_file);
  TUCO_RETURN_IF_ERROR(CheckTlsPaths(config.grpc_tls));
  return CheckGrpcBind(config);
}

std::optional<base::TlsPaths> HttpTlsFrom(
    const std::vector<Settings>& sources) {
  std::optional<std::string> certificate =
      First(sources, &Settings::http_tls_cert);
  std::optional<std::string> key = First(sources, &Settings::http_tls_key);
  if (!certificate.has_value() || !key.has_value()) return std::nullopt;
  return base::TlsPaths{*std::move(certificate), *std::move(key), ""};
}

absl::Status ReadAddress(const cli::Environment& environment,
                         const char* variable,
                         std::optional<base::NetAddress>& address) {
  const std::optional<std::string> text = environment(variable);
  if (!text.has_value()) return absl::OkStatus();
  absl::StatusOr<base::NetAddress> parsed = base::ParseNetAddress(*text);
  if (!parsed.ok()) {
    return absl::InvalidArgumentError(
        Concat({variable, ": ", FromAbsl(parsed.status().message())}));
  }
  address = *std::move(parsed);
  return absl::OkStatus();
}

// Whether there is a secret in `variable`, of which nothing stays behind.
bool IsSet(const cli::Environment& environment, const char* variable) {
  std::optional<std::string> text = environment(variable);
  if (!text.has_value()) return false;
  std::string& found = *text;
  SecureWipe(found.data(), found.size());
  return true;
}

std::vector<EndpointSettings> EndpointsFrom(
    const cli::Environment& environment) {
  SecretConfig secret;
  secret.name = "main";
  if (IsSet(environment, kSecretVariable)) {
    secret.env = kSecretVariable;
  } else if (const auto file = environment(kSecretFileVariable)) {
    secret.file = *file;
  } else {
    return {};
  }
  EndpointSettings endpoint;
  endpoint.name = kDefaultEndpoint;
  endpoint.secrets.push_back(std::move(secret));
  return {std::move(endpoint)};
}

// The file's endpoints, where there are any, are the whole truth.
std::vector<EndpointSettings> LastEndpoints(
    const std::vector<Settings>& sources) {
  std::vector<EndpointSettings> endpoints;
  for (const Settings& source : sources) {
    if (!source.endpoints.empty()) endpoints = source.endpoints;
  }
  return endpoints;
}

log::Upkeep::Options UpkeepFrom(const std::vector<Settings>& sources) {
  log::Upkeep::Options upkeep;
  upkeep.duplicate_window = std::chrono::days(
      First(sources, &Settings::window_days).value_or(kWindowDefaultDays));
  if (const auto days = First(sources, &Settings::max_age_days)) {
    upkeep.age_max = std::chrono::days(*days);
  }
  if (const auto bytes = First(sources, &Settings::log_bytes_max)) {
    upkeep.bytes_max = static_cast<std::uint64_t>(*bytes);
  }
  return upkeep;
}

log::QuarantineLimits QuarantineFrom(const std::vector<Settings>& sources) {
  log::QuarantineLimits limits;
  limits.verified_max =
      static_cast<std::size_t>(First(sources, &Settings::verified_entries_max)
                                   .value_or(kVerifiedEntriesDefault));
  limits.unverified_max =
      static_cast<std::size_t>(First(sources, &Settings::quarantine_entries_max)
                                   .value_or(kQuarantineEntriesDefault));
  limits.unverified_bytes_max =
      static_cast<std::uint64_t>(First(sources, &Settings::quarantine_bytes_max)
                                     .value_or(kQuarantineBytesDefault));
  return limits;
}

absl::Status ResolveSpool(const std::vector<Settings>& sources,
                          ServeConfig& config) {
  config.spool_directory =
      First(sources, &Settings::spool_dir).value_or(std::string());
  if (!config.spool_directory.empty() &&
      config.spool_directory == config.log_directory) {
    return absl::InvalidArgumentError(
        Concat({"log.spool_dir \"", config.spool_directory,
                "\" is the log's own folder: expected one on another volume"}));
  }
  config.spool_bytes_max = static_cast<std::uint64_t>(
      First(sources, &Settings::spool_bytes_max).value_or(kSpoolBytesDefault));
  if (const auto bytes = First(sources, &Settings::reserve_bytes)) {
    config.reserve_bytes = static_cast<std::uint64_t>(*bytes);
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Settings> SettingsFromEnvironment(
    const cli::Environment& environment) {
  Settings settings;
  TUCO_RETURN_IF_ERROR(
      ReadAddress(environment, "TUCO_EVENTS_HTTP", settings.http));
  TUCO_RETURN_IF_ERROR(
      ReadAddress(environment, "TUCO_EVENTS_GRPC", settings.grpc));
  TUCO_RETURN_IF_ERROR(
      ReadAddress(environment, "TUCO_EVENTS_ADMIN", settings.admin));
  settings.data = environment("TUCO_EVENTS_DATA");
  settings.log_url = environment("TUCO_EVENTS_LOG");
  settings.endpoints = EndpointsFrom(environment);
  return settings;
}

absl::StatusOr<ServeConfig> Resolve(const std::vector<Settings>& sources) {
  ServeConfig config;
  TUCO_ASSIGN_OR_RETURN(
      config.http, AddressOr(First(sources, &Settings::http), kHttpDefault));
  TUCO_ASSIGN_OR_RETURN(
      config.admin, AddressOr(First(sources, &Settings::admin), kAdminDefault));
  config.data = First(sources, &Settings::data).value_or(kDataDefault);
  if (config.data.empty()) {
    return absl::InvalidArgumentError("--data: expected the path of a folder");
  }
  TUCO_ASSIGN_OR_RETURN(
      config.log_directory,
      LogDirectory(First(sources, &Settings::log_url), config.data));
  config.body_bytes_max =
      First(sources, &Settings::body_bytes_max).value_or(kBodyBytesDefault);
  config.http_tls = HttpTlsFrom(sources);
  config.trusted_peers =
      First(sources, &Settings::trusted_peers).value_or(http::TrustedPeers());
  config.proxy_protocol =
      First(sources, &Settings::proxy_protocol).value_or(false);
  TUCO_RETURN_IF_ERROR(ResolveGrpc(sources, config));
  TUCO_RETURN_IF_ERROR(ResolveSpool(sources, config));
  config.upkeep = UpkeepFrom(sources);
  config.quarantine = QuarantineFrom(sources);
  config.endpoints = LastEndpoints(sources);
  return config;
}

}  // namespace tuco::app

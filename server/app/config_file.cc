#include "server/app/config_file.h"

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <system_error>
#include <utility>
#include <vector>

#include "server/app/toml_table.h"
#include "tuco/strings.h"

namespace tuco::app {
namespace {

void ReadAddress(TomlTable& table, std::string_view key,
                 std::optional<base::NetAddress>& address) {
  std::optional<std::string> text;
  table.Read(key, text);
  if (!text.has_value()) return;
  absl::StatusOr<base::NetAddress> parsed = base::ParseNetAddress(*text);
  if (parsed.ok()) {
    address = *std::move(parsed);
  } else {
    table.Complain(key, FromAbsl(parsed.status().message()));
  }
}

void ReadTlsFiles(TomlTable& table, std::optional<std::string>& certificate,
                  std::optional<std::string>& key) {
  table.Read("tls_cert", certificate);
  table.Read("tls_key", key);
  if (certificate.has_value() == key.has_value()) return;
  table.Complain(key.has_value() ? "tls_key" : "tls_cert",
                 "expected tls_cert and tls_key, or neither");
}

std::optional<std::size_t> ReadBodyBytesMax(TomlTable& table) {
  std::optional<std::int64_t> bytes;
  table.Read("body_bytes_max", kBodyBytesMin, kBodyBytesMax, bytes);
  return bytes;
}

void ReadTrustedPeers(TomlTable& table,
                      std::optional<http::TrustedPeers>& peers) {
  std::optional<std::vector<std::string>> texts;
  table.Read("trusted_peers", texts);
  if (!texts.has_value()) return;
  absl::StatusOr<http::TrustedPeers> parsed = http::TrustedPeers::Parse(*texts);
  if (parsed.ok()) {
    peers = *std::move(parsed);
  } else {
    table.Complain("trusted_peers", FromAbsl(parsed.status().message()));
  }
}

void ReadHttp(TomlTable& table, Settings& settings) {
  ReadAddress(table, "listen", settings.http);
  settings.body_bytes_max = ReadBodyBytesMax(table);
  ReadTlsFiles(table, settings.http_tls_cert, settings.http_tls_key);
  ReadTrustedPeers(table, settings.trusted_peers);
  table.Read("proxy_protocol", settings.proxy_protocol);
  const bool nobody =
      settings.trusted_peers.value_or(http::TrustedPeers()).empty();
  if (settings.proxy_protocol == true && nobody) {
    table.Complain("proxy_protocol",
                   "expected trusted_peers, which say who may use it");
  }
}

void ReadGrpc(TomlTable& table, Settings& settings) {
  ReadAddress(table, "listen", settings.grpc);
  table.Read("insecure_bind", settings.grpc_insecure_bind);
  table.Read("tls_cert", settings.grpc_tls_cert);
  table.Read("tls_key", settings.grpc_tls_key);
  table.Read("tls_client_ca", settings.grpc_tls_client_ca);
  table.Read("token_file", settings.grpc_token_file);
}

void ReadMode(TomlTable& table, VerifyMode& mode) {
  std::optional<std::string> text;
  table.Read("mode", text);
  if (text == "raw") mode = VerifyMode::kRaw;
  if (text.has_value() && *text != "auto" && *text != "raw") {
    table.Complain("mode", "expected \"auto\" or \"raw\"");
  }
}

bool IsCredentialName(std::string_view name) {
  return !name.empty() && name != "." && name != ".." &&
         name.find('/') == std::string_view::npos;
}

void ReadSecret(TomlTable& table, EndpointSettings& endpoint) {
  std::optional<std::string> name;
  std::optional<std::string> file;
  std::optional<std::string> env;
  std::optional<std::string> credential;
  std::optional<std::string> state;
  table.Read("name", name);
  table.Read("file", file);
  table.Read("env", env);
  table.Read("credential", credential);
  table.Read("state", state);
  if (!name.has_value()) table.Complain("name", "is missing");
  if (file.has_value() + env.has_value() + credential.has_value() != 1) {
    table.Complain("file", "expected exactly one of file, env and credential");
  }
  if (credential.has_value() && !IsCredentialName(*credential)) {
    table.Complain("credential",
                   "expected the name of a credential: a file's, not a path");
  }
  if (state.has_value() && *state != "active" && *state != "revoked") {
    table.Complain("state", "expected \"active\" or \"revoked\"");
  }
  endpoint.secrets.push_back({.name = name.value_or(""),
                              .file = file.value_or(""),
                              .env = env.value_or(""),
                              .credential = credential.value_or(""),
                              .active = state.value_or("active") == "active"});
}

void ReadEndpoint(TomlTable& table, Settings& settings) {
  EndpointSettings endpoint;
  std::optional<std::string> name;
  std::optional<std::int64_t> tolerance;
  std::optional<bool> allow_short_secret;
  table.Read("name", name);
  table.Read("tolerance_s", 1, kToleranceMaxSeconds, tolerance);
  table.Read("workspaces", endpoint.workspaces);
  ReadMode(table, endpoint.mode);
  endpoint.body_bytes_max = ReadBodyBytesMax(table);
  table.Read("allow_short_secret", allow_short_secret);
  table.ReadTables("secret", [&endpoint](TomlTable& secret) {
    ReadSecret(secret, endpoint);
  });
  if (!name.has_value()) table.Complain("name", "is missing");
  if (endpoint.secrets.empty()) {
    table.Complain("secret", "is missing: add [[endpoint.secret]]");
  }
  endpoint.name = name.value_or("");
  if (tolerance.has_value()) {
    endpoint.tolerance = std::chrono::seconds(*tolerance);
  }
  endpoint.allow_short_secret = allow_short_secret.value_or(false);
  settings.endpoints.push_back(std::move(endpoint));
}

void ReadLog(TomlTable& table, Settings& settings) {
  table.Read("url", settings.log_url);
  table.Read("spool_dir", settings.spool_dir);
  table.Read("spool_bytes_max", kSpoolBytesMin, kBytesMax,
             settings.spool_bytes_max);
  table.Read("reserve_bytes", 0, kBytesMax, settings.reserve_bytes);
  table.ReadTable("retention", [&](TomlTable& retention) {
    retention.Read("max_age_days", 1, kDaysMax, settings.max_age_days);
    retention.Read("max_bytes", kLogBytesMin, kBytesMax,
                   settings.log_bytes_max);
  });
}

void ReadQuarantine(TomlTable& table, Settings& settings) {
  table.Read("entries_max", 1, kQuarantineEntriesMax,
             settings.quarantine_entries_max);
  table.Read("bytes_max", kBodyBytesMax, kBytesMax,
             settings.quarantine_bytes_max);
  table.Read("verified_entries_max", 1, kQuarantineEntriesMax,
             settings.verified_entries_max);
}

Settings ReadSettings(const toml::table& root, ConfigErrors& errors) {
  Settings settings;
  TomlTable table(root, "", errors);
  table.ReadTable("http", [&](TomlTable& http) { ReadHttp(http, settings); });
  table.ReadTable("grpc", [&](TomlTable& grpc) { ReadGrpc(grpc, settings); });
  table.ReadTable("admin", [&](TomlTable& admin) {
    ReadAddress(admin, "listen", settings.admin);
  });
  table.ReadTable("log", [&](TomlTable& log) { ReadLog(log, settings); });
  table.ReadTable("duplicates", [&](TomlTable& duplicates) {
    duplicates.Read("window_days", 1, kDaysMax, settings.window_days);
  });
  table.ReadTable("quarantine", [&](TomlTable& quarantine) {
    ReadQuarantine(quarantine, settings);
  });
  table.ReadTables("endpoint", [&](TomlTable& endpoint) {
    ReadEndpoint(endpoint, settings);
  });
  table.Finish();
  return settings;
}

}  // namespace

absl::StatusOr<Settings> ParseConfig(std::string_view text,
                                     const std::string& name) {
  ConfigErrors errors(name);
  try {
    const toml::table root = toml::parse(text, name);
    Settings settings = ReadSettings(root, errors);
    if (!errors.status().ok()) return errors.status();
    return settings;
  } catch (const toml::parse_error& error) {
    // toml++ has no other way to say so where exceptions are on.
    errors.Add(error.source(), error.description());
    return errors.status();
  }
}

absl::StatusOr<Settings> LoadConfigFile(const std::string& path) {
  std::error_code error;
  std::ifstream file(path, std::ios::binary);
  if (!file.is_open() || std::filesystem::is_directory(path, error)) {
    return absl::InvalidArgumentError(
        Concat({"cannot read the configuration file ", path,
                ": no such file, or not readable"}));
  }
  const std::string text((std::istreambuf_iterator<char>(file)),
                         std::istreambuf_iterator<char>());
  return ParseConfig(text, path);
}

}  // namespace tuco::app

#include "server/app/config_report.h"

#include <array>
#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>

#include "server/base/logging.h"
#include "tuco/signature_verifier.h"
#include "tuco/strings.h"

namespace tuco::app {
namespace {

constexpr std::string_view kDefaultSource = "default";

// In the order of LoadSources.
constexpr std::array<std::string_view, 3> kSources = {"flag", "environment",
                                                      "file"};

// Which source has `member`.
template <typename T>
std::string_view SourceOf(const std::vector<Settings>& sources,
                          std::optional<T> Settings::*member) {
  for (std::size_t i = 0; i < sources.size() && i < kSources.size(); ++i) {
    if ((sources[i].*member).has_value()) return kSources.at(i);
  }
  return kDefaultSource;
}

std::string Spell(const std::string& text) { return base::JsonQuote(text); }
std::string Spell(const base::NetAddress& address) {
  return base::JsonQuote(address.ToString());
}
std::string Spell(std::integral auto value) {
  if constexpr (std::same_as<decltype(value), bool>) {
    return value ? "true" : "false";
  } else {
    return std::to_string(value);
  }
}
template <typename T>
std::string Spell(const std::optional<T>& value) {
  return value.has_value() ? Spell(*value) : std::string();
}
std::string Spell(const std::vector<std::string>& texts) {
  std::string list = "[";
  for (const std::string& text : texts) {
    if (list.size() > 1) list += ", ";
    list += base::JsonQuote(text);
  }
  return list + "]";
}

// Gathers settings and looks up their sources.
class SettingList {
 public:
  explicit SettingList(const std::vector<Settings>& sources)
      : sources_(sources) {}

  template <typename Value, typename T>
  void Add(std::string_view key, const Value& value,
           std::optional<T> Settings::*member) {
    list_.push_back({key, Spell(value), SourceOf(sources_, member)});
  }
  // The log's folder is that of the data unless it is named itself.
  void AddLogUrl(const std::string& directory) {
    std::string_view source = SourceOf(sources_, &Settings::log_url);
    if (source == kDefaultSource) source = SourceOf(sources_, &Settings::data);
    list_.push_back({"log.url", Spell(Concat({"sqlite:", directory})), source});
  }
  std::vector<ReportedSetting> Take() { return std::move(list_); }

 private:
  const std::vector<Settings>& sources_;
  std::vector<ReportedSetting> list_;
};

std::optional<std::string> IfSet(const std::string& text) {
  if (text.empty()) return std::nullopt;
  return text;
}

void AddIngress(const ServeConfig& config, SettingList& list) {
  list.Add("http.listen", config.http, &Settings::http);
  list.Add("http.body_bytes_max", config.body_bytes_max,
           &Settings::body_bytes_max);
  std::optional<std::string> certificate;
  std::optional<std::string> key;
  if (config.http_tls.has_value()) {
    certificate = config.http_tls->certificate;
    key = config.http_tls->key;
  }
  list.Add("http.tls_cert", certificate, &Settings::http_tls_cert);
  list.Add("http.tls_key", key, &Settings::http_tls_key);
  list.Add("http.trusted_peers", config.trusted_peers.ToStrings(),
           &Settings::trusted_peers);
  list.Add("http.proxy_protocol", config.proxy_protocol,
           &Settings::proxy_protocol);
}

void AddListeners(const ServeConfig& config, SettingList& list) {
  AddIngress(config, list);
  list.Add("grpc.listen", config.grpc, &Settings::grpc);
  list.Add("grpc.insecure_bind", config.grpc_insecure_bind,
           &Settings::grpc_insecure_bind);
  list.Add("grpc.tls_cert", IfSet(config.grpc_tls.certificate),
           &Settings::grpc_tls_cert);
  list.Add("grpc.tls_key", IfSet(config.grpc_tls.key), &Settings::grpc_tls_key);
  list.Add("grpc.tls_client_ca", IfSet(config.grpc_tls.authorities),
           &Settings::grpc_tls_client_ca);
  list.Add("grpc.token_file", IfSet(config.grpc_token_file),
           &Settings::grpc_token_file);
  list.Add("admin.listen", config.admin, &Settings::admin);
}

void AddLog(const ServeConfig& config, SettingList& list) {
  std::optional<std::int64_t> age_days;
  if (config.upkeep.age_max.has_value()) {
    age_days =
        std::chrono::floor<std::chrono::days>(*config.upkeep.age_max).count();
  }
  list.AddLogUrl(config.log_directory);
  list.Add("log.spool_dir", IfSet(config.spool_directory),
           &Settings::spool_dir);
  list.Add("log.spool_bytes_max", config.spool_bytes_max,
           &Settings::spool_bytes_max);
  list.Add("log.reserve_bytes", config.reserve_bytes, &Settings::reserve_bytes);
  list.Add("log.retention.max_age_days", age_days, &Settings::max_age_days);
  list.Add("log.retention.max_bytes", config.upkeep.bytes_max,
           &Settings::log_bytes_max);
}

void AddMemory(const ServeConfig& config, SettingList& list) {
  list.Add("duplicates.window_days",
           std::chrono::floor<std::chrono::days>(config.upkeep.duplicate_window)
               .count(),
           &Settings::window_days);
  list.Add("quarantine.entries_max", config.quarantine.unverified_max,
           &Settings::quarantine_entries_max);
  list.Add("quarantine.bytes_max", config.quarantine.unverified_bytes_max,
           &Settings::quarantine_bytes_max);
  list.Add("quarantine.verified_entries_max", config.quarantine.verified_max,
           &Settings::verified_entries_max);
}

// A key and its value, spelt.
struct Member {
  std::string_view key;
  std::string value;
};

std::vector<Member> MembersOf(const EndpointSettings& endpoint) {
  std::vector<Member> members = {
      {"name", Spell(endpoint.name)},
      {"tolerance_s", Spell(endpoint.tolerance.count())},
      {"mode", endpoint.mode == VerifyMode::kRaw ? R"("raw")" : R"("auto")"}};
  members.push_back({"body_bytes_max", endpoint.body_bytes_max.has_value()
                                           ? Spell(*endpoint.body_bytes_max)
                                           : "null"});
  members.push_back({"workspaces", Spell(endpoint.workspaces)});
  members.push_back({"allow_short_secret", Spell(endpoint.allow_short_secret)});
  return members;
}

Member PlaceOf(const SecretConfig& secret) {
  if (!secret.file.empty()) return {"file", Spell(secret.file)};
  if (!secret.env.empty()) return {"env", Spell(secret.env)};
  return {"credential", Spell(secret.credential)};
}

std::vector<Member> MembersOf(const SecretConfig& secret) {
  return {{"name", Spell(secret.name)},
          PlaceOf(secret),
          {"state", secret.active ? R"("active")" : R"("revoked")"}};
}

std::string TomlTable(std::string_view name,
                      const std::vector<Member>& members) {
  std::string text = Concat({"\n[[", name, "]]\n"});
  for (const Member& member : members) {
    // An empty list would say that there is no workspace to come from, and TOML
    // has no null.
    if (member.value == "[]" || member.value == "null") continue;
    text += Concat({member.key, " = ", member.value, "\n"});
  }
  return text;
}

// Without the closing brace.
std::string JsonObject(const std::vector<Member>& members) {
  std::string text = "{";
  for (const Member& member : members) {
    if (text.size() > 1) text += ',';
    text += Concat({"\"", member.key, "\":", member.value});
  }
  return text;
}

std::string JsonOf(const EndpointSettings& endpoint) {
  std::string secrets;
  for (const SecretConfig& secret : endpoint.secrets) {
    secrets += Concat(
        {secrets.empty() ? "" : ",", JsonObject(MembersOf(secret)), "}"});
  }
  return Concat(
      {JsonObject(MembersOf(endpoint)), ",\"secrets\":[", secrets, "]}"});
}

std::string JsonOf(const ReportedSetting& setting) {
  return Concat({"\"", setting.key, "\":{\"value\":",
                 setting.value.empty() ? "null" : setting.value,
                 ",\"source\":\"", setting.source, "\"}"});
}

}  // namespace

std::vector<ReportedSetting> ListSettings(
    const ServeConfig& config, const std::vector<Settings>& sources) {
  SettingList list(sources);
  AddListeners(config, list);
  AddLog(config, list);
  AddMemory(config, list);
  return list.Take();
}

std::string ConfigAsToml(const ServeConfig& config,
                         const std::vector<Settings>& sources) {
  std::string text;
  for (const ReportedSetting& setting : ListSettings(config, sources)) {
    text += setting.value.empty() ? Concat({"# ", setting.key, " is not set\n"})
                                  : Concat({setting.key, " = ", setting.value,
                                            "  # ", setting.source, "\n"});
  }
  for (const EndpointSettings& endpoint : config.endpoints) {
    text += TomlTable("endpoint", MembersOf(endpoint));
    for (const SecretConfig& secret : endpoint.secrets) {
      text += TomlTable("endpoint.secret", MembersOf(secret));
    }
  }
  return text;
}

std::string ConfigAsJson(const ServeConfig& config,
                         const std::vector<Settings>& sources) {
  std::string settings;
  for (const ReportedSetting& setting : ListSettings(config, sources)) {
    settings += Concat({settings.empty() ? "" : ",", JsonOf(setting)});
  }
  std::string endpoints;
  for (const EndpointSettings& endpoint : config.endpoints) {
    endpoints += Concat({endpoints.empty() ? "" : ",", JsonOf(endpoint)});
  }
  return Concat(
      {R"({"settings":{)", settings, R"(},"endpoints":[)", endpoints, "]}\n"});
}

}  // namespace tuco::app

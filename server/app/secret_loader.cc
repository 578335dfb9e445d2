#include "server/app/secret_loader.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "server/base/status_macros.h"
#include "server/cli/secret_source.h"
#include "tuco/strings.h"

namespace tuco::app {
namespace {

// Beginnings of what examples and templates have in a secret's place, in
// lower case.
constexpr std::array<std::string_view, 10> kPlaceholders = {
    "change",  "placeholder", "your_", "your-",      "yoursecret",
    "example", "replace",     "todo",  "whsec_your", "whsec_xxx"};

bool IsPlaceholder(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  const bool same = lower.find_first_not_of(lower.front()) == std::string::npos;
  return same || lower.front() == '<' || lower == "secret" ||
         std::any_of(kPlaceholders.begin(), kPlaceholders.end(),
                     [&lower](std::string_view placeholder) {
                       return lower.starts_with(placeholder);
                     });
}

absl::StatusOr<std::string> ReadSecret(const SecretConfig& secret,
                                       const cli::Environment& environment) {
  if (!secret.file.empty()) return cli::ReadSecretFile(secret.file);
  std::optional<std::string> text = environment(secret.env.c_str());
  if (text.has_value()) return *std::move(text);
  return absl::InvalidArgumentError(
      Concat({"the environment variable ", secret.env, " is not set"}));
}

// A revoked secret only serves explanations: it is no error when it is gone.
void AddRevoked(const SecretConfig& secret, const cli::Environment& environment,
                receiver::EndpointConfig& endpoint) {
  absl::StatusOr<std::string> text = ReadSecret(secret, environment);
  if (!text.ok() || text->empty()) return;
  endpoint.revoked.push_back({secret.name, *std::move(text)});
}

absl::StatusOr<receiver::EndpointConfig> LoadEndpoint(
    const EndpointSettings& settings, const cli::Environment& environment) {
  receiver::EndpointConfig endpoint{.name = settings.name,
                                    .secrets = {},
                                    .tolerance = settings.tolerance,
                                    .workspaces = settings.workspaces,
                                    .mode = settings.mode};
  for (const SecretConfig& secret : settings.secrets) {
    if (!secret.active) {
      AddRevoked(secret, environment, endpoint);
      continue;
    }
    const auto at = [&](const absl::Status& status) {
      return absl::InvalidArgumentError(
          Concat({"endpoint \"", settings.name, "\", secret \"", secret.name,
                  "\": ", FromAbsl(status.message())}));
    };
    absl::StatusOr<std::string> text = ReadSecret(secret, environment);
    if (!text.ok()) return at(text.status());
    const absl::Status check = CheckSecret(*text, settings.allow_short_secret);
    if (!check.ok()) return at(check);
    endpoint.secrets.push_back({secret.name, *std::move(text)});
  }
  if (endpoint.secrets.empty()) {
    return absl::InvalidArgumentError(
        Concat({"endpoint \"", settings.name, "\" has no active secret"}));
  }
  return endpoint;
}

}  // namespace

absl::Status CheckSecret(std::string_view text, bool allow_short) {
  if (text.empty()) return absl::InvalidArgumentError("the secret is empty");
  if (IsPlaceholder(text)) {
    return absl::InvalidArgumentError(
        "this is a placeholder: put the signing secret there that Tuco showed "
        "when the webhook was added");
  }
  if (text.size() < kSecretBytesMin && !allow_short) {
    return absl::InvalidArgumentError(Concat(
        {"the secret is shorter than ", std::to_string(kSecretBytesMin),
         " bytes: is it whole? (allow_short_secret = true in [[endpoint]] "
         "takes it all the same)"}));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<receiver::EndpointConfig>> LoadSecrets(
    const std::vector<EndpointSettings>& endpoints,
    const cli::Environment& environment) {
  std::vector<receiver::EndpointConfig> loaded;
  for (const EndpointSettings& settings : endpoints) {
    TUCO_ASSIGN_OR_RETURN(receiver::EndpointConfig endpoint,
                          LoadEndpoint(settings, environment));
    loaded.push_back(std::move(endpoint));
  }
  return loaded;
}

}  // namespace tuco::app

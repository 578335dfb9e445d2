#include "server/app/secret_loader.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>

#include "server/base/status_macros.h"
#include "server/cli/secret_source.h"
#include "tuco/hmac_sha256.h"
#include "tuco/strings.h"

namespace tuco::app {
namespace {

// Beginnings of what examples and templates have in a secret's place, in
// lower case.
constexpr std::array<std::string_view, 10> kPlaceholders = {
    "change",  "placeholder", "your_", "your-",      "yoursecret",
    "example", "replace",     "todo",  "whsec_your", "whsec_xxx"};

// A text of which nothing is left when it goes. It is never a short string,
// whose characters would be copied when it moves.
class WipedString {
 public:
  explicit WipedString(std::string text) : text_(std::move(text)) {}
  ~WipedString() { SecureWipe(text_.data(), text_.size()); }
  WipedString(const WipedString&) = delete;
  WipedString& operator=(const WipedString&) = delete;
  std::string& text() { return text_; }

 private:
  std::string text_;
};

bool IsPlaceholder(std::string_view text) {
  WipedString wiped{std::string(text)};
  std::string& lower = wiped.text();
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
  TUCO_ASSIGN_OR_RETURN(const std::string file,
                        SecretFile(secret, environment));
  if (!file.empty()) return cli::ReadSecretFile(file);
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

absl::Status AddActive(const SecretConfig& secret,
                       const cli::Environment& environment, bool allow_short,
                       receiver::EndpointConfig& endpoint) {
  TUCO_ASSIGN_OR_RETURN(std::string text, ReadSecret(secret, environment));
  endpoint.secrets.push_back({secret.name, std::move(text)});
  return CheckSecret(endpoint.secrets.back().text, allow_short);
}

// Fills `endpoint`, also where it fails: then with texts to be wiped.
absl::Status LoadEndpoint(const EndpointSettings& settings,
                          const cli::Environment& environment,
                          receiver::EndpointConfig& endpoint) {
  endpoint.name = settings.name;
  endpoint.tolerance = settings.tolerance;
  endpoint.workspaces = settings.workspaces;
  endpoint.mode = settings.mode;
  endpoint.body_bytes_max = settings.body_bytes_max;
  // What grows by moving leaves copies of short texts behind.
  endpoint.secrets.reserve(settings.secrets.size());
  endpoint.revoked.reserve(settings.secrets.size());
  for (const SecretConfig& secret : settings.secrets) {
    if (!secret.active) {
      AddRevoked(secret, environment, endpoint);
      continue;
    }
    const absl::Status added =
        AddActive(secret, environment, settings.allow_short_secret, endpoint);
    if (added.ok()) continue;
    return absl::InvalidArgumentError(
        Concat({"endpoint \"", settings.name, "\", secret \"", secret.name,
                "\": ", FromAbsl(added.message())}));
  }
  if (endpoint.secrets.empty()) {
    return absl::InvalidArgumentError(
        Concat({"endpoint \"", settings.name, "\" has no active secret"}));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::string> SecretFile(const SecretConfig& secret,
                                       const cli::Environment& environment) {
  if (secret.credential.empty()) return secret.file;
  const std::optional<std::string> folder =
      environment("CREDENTIALS_DIRECTORY");
  if (!folder.has_value()) {
    return absl::InvalidArgumentError(
        Concat({"the credential ", secret.credential,
                " cannot be had: CREDENTIALS_DIRECTORY is not set, which "
                "systemd does for a unit with LoadCredential="}));
  }
  return Concat({*folder, "/", secret.credential});
}

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

absl::StatusOr<receiver::WipedConfigs> LoadSecrets(
    const std::vector<EndpointSettings>& endpoints,
    const cli::Environment& environment) {
  receiver::WipedConfigs loaded;
  for (const EndpointSettings& settings : endpoints) {
    receiver::EndpointConfig endpoint;
    const absl::Status status = LoadEndpoint(settings, environment, endpoint);
    loaded.Add(std::move(endpoint));
    TUCO_RETURN_IF_ERROR(status);
  }
  return loaded;
}

}  // namespace tuco::app

#include "server/receiver/endpoints.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "tuco/strings.h"

namespace tuco::receiver {
namespace {

constexpr std::size_t kNameSizeMax = 64;

// Not std::isalnum: what a name may hold must not depend on the locale.
bool IsNameCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         (c >= '0' && c <= '9') || c == '-' || c == '_';
}

std::vector<std::string> NamesOf(const std::vector<Secret>& secrets) {
  std::vector<std::string> names;
  names.reserve(secrets.size());
  for (const Secret& secret : secrets) names.push_back(secret.name);
  return names;
}

absl::StatusOr<Endpoint> MakeEndpoint(const EndpointConfig& config) {
  if (!IsEndpointName(config.name)) {
    return absl::InvalidArgumentError(
        Concat({"endpoint name \"", config.name,
                "\": expected 1 to 64 letters, digits, '-' or '_'"}));
  }
  auto verifier = SignatureVerifier::Create(config.secrets, config.name);
  if (!verifier.ok()) {
    return absl::InvalidArgumentError(
        Concat({"endpoint \"", config.name,
                "\": ", FromAbsl(verifier.status().message())}));
  }
  return Endpoint{config.name,
                  *std::move(verifier),
                  config.tolerance,
                  config.workspaces,
                  config.mode,
                  NamesOf(config.secrets),
                  NamesOf(config.revoked)};
}

std::string FullName(std::string_view endpoint, std::string_view secret) {
  return Concat({endpoint, "/", secret});
}

void AddSecrets(const EndpointConfig& config, WipedSecrets& to) {
  for (const std::vector<Secret>* secrets :
       {&config.secrets, &config.revoked}) {
    for (const Secret& secret : *secrets) {
      to.Add(FullName(config.name, secret.name), secret.text);
    }
  }
}

}  // namespace

bool IsEndpointName(std::string_view name) {
  return !name.empty() && name.size() <= kNameSizeMax &&
         std::all_of(name.begin(), name.end(), IsNameCharacter);
}

absl::StatusOr<Endpoints> Endpoints::Create(
    const std::vector<EndpointConfig>& configs) {
  if (configs.empty()) {
    return absl::InvalidArgumentError("no endpoint is configured");
  }
  std::vector<Endpoint> endpoints;
  WipedSecrets doctor_secrets;
  for (const EndpointConfig& config : configs) {
    auto endpoint = MakeEndpoint(config);
    if (!endpoint.ok()) return endpoint.status();
    for (const Endpoint& other : endpoints) {
      if (other.name == endpoint->name) {
        return absl::InvalidArgumentError(
            Concat({"endpoint \"", other.name, "\" is configured twice"}));
      }
    }
    endpoints.push_back(*std::move(endpoint));
    AddSecrets(config, doctor_secrets);
  }
  return Endpoints(std::move(endpoints), std::move(doctor_secrets));
}

std::vector<std::string_view> Endpoints::ActiveTexts(
    const Endpoint& endpoint) const {
  std::vector<std::string_view> texts;
  for (const std::string& name : endpoint.secret_names) {
    const std::string full_name = FullName(endpoint.name, name);
    for (const Secret& secret : doctor_secrets_.all()) {
      if (secret.name == full_name) texts.push_back(secret.text);
    }
  }
  return texts;
}

bool Endpoints::MayTakeMoreThan(const Endpoints& before) const {
  return std::any_of(
      endpoints_.begin(), endpoints_.end(), [&](const Endpoint& endpoint) {
        const Endpoint* const old = before.Find(endpoint.name);
        if (old == nullptr) return true;
        if (old->mode != endpoint.mode && endpoint.mode == VerifyMode::kAuto) {
          return true;
        }
        const auto known = before.ActiveTexts(*old);
        const auto texts = ActiveTexts(endpoint);
        return std::any_of(texts.begin(), texts.end(), [&](auto text) {
          return std::find(known.begin(), known.end(), text) == known.end();
        });
      });
}

const Endpoint* Endpoints::Find(std::string_view name) const {
  for (const Endpoint& endpoint : endpoints_) {
    if (endpoint.name == name) return &endpoint;
  }
  return nullptr;
}

}  // namespace tuco::receiver

#include "server/receiver/endpoints.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "tuco/hmac_sha256.h"
#include "tuco/strings.h"

namespace tuco::receiver {
namespace {

constexpr std::size_t kNameSizeMax = 64;

// Not std::isalnum: what a name may hold must not depend on the locale.
bool IsNameCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         (c >= '0' && c <= '9') || c == '-' || c == '_';
}

std::vector<NamedSecret> NamesOf(const std::vector<Secret>& secrets) {
  std::vector<NamedSecret> named;
  named.reserve(secrets.size());
  for (const Secret& secret : secrets) {
    named.push_back({secret.name, std::make_shared<SecretUse>()});
  }
  return named;
}

// The secret `name` among those, else null.
const NamedSecret* FindSecret(const std::vector<NamedSecret>& secrets,
                              std::string_view name) {
  for (const NamedSecret& secret : secrets) {
    if (secret.name == name) return &secret;
  }
  return nullptr;
}

void Inherit(const Endpoint& before, std::vector<NamedSecret>& secrets) {
  for (NamedSecret& secret : secrets) {
    const NamedSecret* old = FindSecret(before.secrets, secret.name);
    if (old == nullptr) old = FindSecret(before.revoked, secret.name);
    if (old != nullptr) secret.use = old->use;
  }
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
                  config.body_bytes_max.value_or(SIZE_MAX),
                  NamesOf(config.secrets),
                  NamesOf(config.revoked)};
}

std::string FullName(std::string_view endpoint, std::string_view secret) {
  return Concat({endpoint, "/", secret});
}

}  // namespace

WipedConfigs& WipedConfigs::operator=(WipedConfigs&& other) noexcept {
  if (this == &other) return *this;
  Clear();
  configs_ = std::move(other.configs_);
  return *this;
}

void WipedConfigs::Clear() {
  for (EndpointConfig& config : configs_) {
    WipeTexts(config.secrets);
    WipeTexts(config.revoked);
  }
  configs_.clear();
}

void WipeTexts(std::vector<Secret>& secrets) {
  for (Secret& secret : secrets) {
    SecureWipe(secret.text.data(), secret.text.size());
  }
}

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
  std::vector<KeptSecret> kept_secrets;
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
    Keep(config, kept_secrets);
  }
  return Endpoints(std::move(endpoints), std::move(kept_secrets));
}

void Endpoints::Keep(const EndpointConfig& config,
                     std::vector<KeptSecret>& secrets) {
  for (const auto* const list : {&config.secrets, &config.revoked}) {
    for (const Secret& secret : *list) {
      secrets.push_back({FullName(config.name, secret.name),
                         base::SecretMemory(secret.text)});
    }
  }
}

WipedSecrets Endpoints::doctor_secrets() const {
  WipedSecrets secrets;
  for (const KeptSecret& kept : kept_secrets_) {
    secrets.Add(kept.full_name, kept.text.text());
  }
  return secrets;
}

const std::shared_ptr<SecretUse>& Endpoint::UseOf(
    std::string_view secret_name) const {
  const NamedSecret* const secret = FindSecret(secrets, secret_name);
  // The verifier has no other names.
  return (secret == nullptr ? secrets.front() : *secret).use;
}

void Endpoints::InheritUses(const Endpoints& before) {
  for (Endpoint& endpoint : endpoints_) {
    const Endpoint* const old = before.Find(endpoint.name);
    if (old == nullptr) continue;
    Inherit(*old, endpoint.secrets);
    Inherit(*old, endpoint.revoked);
  }
}

std::vector<std::string_view> Endpoints::ActiveTexts(
    const Endpoint& endpoint) const {
  std::vector<std::string_view> texts;
  for (const NamedSecret& active : endpoint.secrets) {
    const std::string full_name = FullName(endpoint.name, active.name);
    for (const KeptSecret& kept : kept_secrets_) {
      if (kept.full_name == full_name) texts.push_back(kept.text.text());
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

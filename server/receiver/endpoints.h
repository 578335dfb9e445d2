// The endpoints that deliveries are posted to, each with its own secrets.

#ifndef TUCO_SERVER_RECEIVER_ENDPOINTS_H_
#define TUCO_SERVER_RECEIVER_ENDPOINTS_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "server/base/secret_memory.h"
#include "server/receiver/secret_use.h"
#include "tuco/signature_verifier.h"
#include "tuco/wiped_secrets.h"

namespace tuco::receiver {

// What an operator configures of one endpoint.
struct EndpointConfig {
  std::string name;  // Letters, digits, `-` and `_`; at most 64.
  std::vector<Secret> secrets;
  // How far the signed timestamp may lie from the arrival before the event is
  // flagged LATE or EARLY.
  std::chrono::seconds tolerance{300};
  // Workspaces whose events are expected here; empty: any.
  std::vector<std::string> workspaces;
  // kRaw refuses what was reformatted on its way here; kAuto does not.
  VerifyMode mode = VerifyMode::kAuto;
  // Nothing: as large as the server takes them.
  std::optional<std::size_t> body_bytes_max{};
  // Secrets that verify nothing any more; explanations may name them.
  std::vector<Secret> revoked{};
};

// Configured endpoints, the texts of whose secrets are overwritten when they
// go. Moved, not copied.
class WipedConfigs {
 public:
  WipedConfigs() = default;
  ~WipedConfigs() { Clear(); }
  WipedConfigs(WipedConfigs&& other) noexcept = default;
  WipedConfigs& operator=(WipedConfigs&& other) noexcept;

  void Add(EndpointConfig config) { configs_.push_back(std::move(config)); }
  const std::vector<EndpointConfig>& all() const { return configs_; }
  void Clear();

 private:
  std::vector<EndpointConfig> configs_;
};

// Overwrites the texts.
void WipeTexts(std::vector<Secret>& secrets);

// A secret as people know it.
struct NamedSecret {
  std::string name;
  // Shared with the endpoints of before and after a reload: what a secret was
  // used for stays known as long as there is one of that name.
  std::shared_ptr<SecretUse> use;
};

// Immutable, but for the use of its secrets.
struct Endpoint {
  std::string name;
  SignatureVerifier verifier;
  std::chrono::seconds tolerance;
  std::vector<std::string> workspaces;
  VerifyMode mode;
  std::size_t body_bytes_max;
  std::vector<NamedSecret> secrets;
  std::vector<NamedSecret> revoked;

  // That of its active secret `name`, which it must have.
  const std::shared_ptr<SecretUse>& UseOf(std::string_view name) const;
};

// All of them. Immutable after Create, safe for concurrent use; moved, not
// copied.
class Endpoints {
 public:
  // InvalidArgument without an endpoint, for a name that is not one or occurs
  // twice, or for secrets that SignatureVerifier refuses; the message names
  // the endpoint.
  static absl::StatusOr<Endpoints> Create(
      const std::vector<EndpointConfig>& configs);

  // Null when there is none of that name.
  const Endpoint* Find(std::string_view name) const;
  std::span<const Endpoint> all() const { return endpoints_; }

  // Whether a delivery may be genuine by these that was not by `before`: a
  // secret is active that was not, an endpoint is new, or a mode takes more.
  bool MayTakeMoreThan(const Endpoints& before) const;

  // Goes on counting the use of secrets where `before`, which these replace,
  // has got to. Before they are used.
  void InheritUses(const Endpoints& before);

  // Which ones of CurrentEndpoints these are; 0 for the first.
  std::uint64_t generation() const { return generation_; }
  void set_generation(std::uint64_t generation) { generation_ = generation; }

  // Every secret of every endpoint, the revoked ones too, each named
  // `<endpoint>/<secret>`. For explaining why a delivery was refused: never
  // for accepting one, and never to be logged. A copy, to be let go as soon as
  // something is explained: only the original is out of reach of core files.
  WipedSecrets doctor_secrets() const;

 private:
  // The text of a secret, and what it is called.
  struct KeptSecret {
    std::string full_name;
    base::SecretMemory text;
  };

  Endpoints(std::vector<Endpoint> endpoints,
            std::vector<KeptSecret> kept_secrets)
      : endpoints_(std::move(endpoints)),
        kept_secrets_(std::move(kept_secrets)) {}

  static void Keep(const EndpointConfig& config,
                   std::vector<KeptSecret>& secrets);

  // The texts of the active secrets of `endpoint`; views into these.
  std::vector<std::string_view> ActiveTexts(const Endpoint& endpoint) const;

  std::vector<Endpoint> endpoints_;  // A handful: searched in a row.
  std::vector<KeptSecret> kept_secrets_;
  std::uint64_t generation_ = 0;
};

// Whether `name` can be an endpoint's.
bool IsEndpointName(std::string_view name);

}  // namespace tuco::receiver

#endif  // TUCO_SERVER_RECEIVER_ENDPOINTS_H_

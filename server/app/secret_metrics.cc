#include "server/app/secret_metrics.h"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tuco/event_type.h"
#include "tuco/timestamp.h"

namespace tuco::app {
namespace {

using receiver::NamedSecret;
using receiver::SecretUse;

// What is there at once: the secrets of one endpoint after the other.
struct Families {
  base::GaugeFamily verified{
      "tuco_events_verified_total",
      "Deliveries that a secret has verified, as they came or in their "
      "canonical form.",
      {},
      true};
  base::GaugeFamily last_used{
      "tuco_secret_last_used_timestamp_seconds",
      "When the newest delivery came that a secret has verified, in seconds "
      "since 1970; 0 when there was none.",
      {}};

  void Add(const std::string& endpoint, const NamedSecret& secret) {
    const SecretUse& use = *secret.use;
    for (const auto& [form, name] :
         {std::pair{VerifiedForm::kRaw, "raw"},
          std::pair{VerifiedForm::kCanonical, "canonical"}}) {
      verified.samples.push_back(
          {{{"endpoint", endpoint}, {"form", name}, {"secret", secret.name}},
           static_cast<double>(use.count(form))});
    }
    const std::optional<Timestamp> last = use.last();
    last_used.samples.push_back(
        {{{"endpoint", endpoint}, {"secret", secret.name}},
         last.has_value()
             ? std::chrono::duration<double>(last->time_since_epoch()).count()
             : 0});
  }
};

}  // namespace

void AddSecretMetrics(const receiver::CurrentEndpoints& endpoints,
                      base::Metrics& metrics) {
  metrics.AddGauges([&endpoints] {
    const receiver::EndpointsPtr current = endpoints.Get();
    Families families;
    for (const receiver::Endpoint& endpoint : current->all()) {
      for (const auto* const secrets : {&endpoint.secrets, &endpoint.revoked}) {
        for (const NamedSecret& secret : *secrets) {
          families.Add(endpoint.name, secret);
        }
      }
    }
    return std::vector{std::move(families.verified),
                       std::move(families.last_used)};
  });
}

}  // namespace tuco::app

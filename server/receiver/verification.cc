#include "server/receiver/verification.h"

#include <algorithm>
#include <cstddef>
#include <optional>

#include "tuco/event_parser.h"
#include "tuco/timestamp.h"

namespace tuco::receiver {
namespace {

// Why nothing needs to be computed.
std::optional<Reason> Fault(const Delivery& delivery,
                            const Endpoint& endpoint) {
  if (delivery.body.size() > endpoint.body_bytes_max) {
    return Reason::kBodyTooLarge;
  }
  if (delivery.signatures == 0) return Reason::kSignatureMissing;
  if (delivery.signatures > 1) return Reason::kSignatureRepeated;
  return std::nullopt;
}

bool HeadersDiffer(const Delivery& delivery, const Event& event) {
  if (delivery.event_header.has_value() &&
      *delivery.event_header != event.type_name) {
    return true;
  }
  return delivery.timestamp_header.has_value() &&
         ParseTimestamp(*delivery.timestamp_header) != event.occurred_at;
}

bool IsForeignWorkspace(const Endpoint& endpoint, const Event& event) {
  return !endpoint.workspaces.empty() && event.workspace_id.has_value() &&
         std::find(endpoint.workspaces.begin(), endpoint.workspaces.end(),
                   *event.workspace_id) == endpoint.workspaces.end();
}

void FlagFreshness(const Delivery& delivery, const Endpoint& endpoint,
                   Event& event) {
  if (!delivery.received_at.has_value() || !event.occurred_at.has_value()) {
    return;
  }
  const auto age = *delivery.received_at - *event.occurred_at;
  if (age > endpoint.tolerance) event.flags.Add(Flag::kLate);
  if (-age > endpoint.tolerance) event.flags.Add(Flag::kEarly);
}

}  // namespace

Verdict Verify(const Delivery& delivery, const Endpoint& endpoint,
               VerifyMode mode) {
  if (const std::optional<Reason> fault = Fault(delivery, endpoint)) {
    return Verdict::Rejected(*fault);
  }
  return endpoint.verifier.Verify(delivery.body, delivery.signature, mode);
}

std::vector<Verdict> VerifyMany(std::span<const Delivery* const> deliveries,
                                const Endpoint& endpoint, VerifyMode mode) {
  std::vector<SignedBody> signed_bodies;
  signed_bodies.reserve(deliveries.size());
  for (const Delivery* delivery : deliveries) {
    signed_bodies.push_back(
        Fault(*delivery, endpoint).has_value()
            ? SignedBody{}
            : SignedBody{delivery->body, delivery->signature});
  }
  std::vector<Verdict> verdicts =
      endpoint.verifier.VerifyMany(signed_bodies, mode);
  for (std::size_t i = 0; i < deliveries.size(); ++i) {
    if (const std::optional<Reason> fault = Fault(*deliveries[i], endpoint)) {
      verdicts[i] = Verdict::Rejected(*fault);
    }
  }
  return verdicts;
}

Event ReadEvent(const VerifiedDelivery& verified, const Delivery& delivery,
                const Endpoint& endpoint) {
  Event event = ParseEvent(verified);
  event.received_at = delivery.received_at;
  if (HeadersDiffer(delivery, event)) event.flags.Add(Flag::kHeaderMismatch);
  if (IsForeignWorkspace(endpoint, event)) {
    event.flags.Add(Flag::kWorkspaceMismatch);
  }
  FlagFreshness(delivery, endpoint, event);
  return event;
}

}  // namespace tuco::receiver

#include "server/receiver/verification.h"

#include <algorithm>

#include "tuco/event_parser.h"
#include "tuco/timestamp.h"

namespace tuco::receiver {
namespace {

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
  if (delivery.signatures == 0) {
    return Verdict::Rejected(Reason::kSignatureMissing);
  }
  if (delivery.signatures > 1) {
    return Verdict::Rejected(Reason::kSignatureRepeated);
  }
  return endpoint.verifier.Verify(delivery.body, delivery.signature, mode);
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

#include "server/ingress/delivery_trace.h"

#include <cstdint>
#include <optional>

#include "server/base/logging.h"

namespace tuco::ingress {
namespace {

constexpr std::string_view kHeader = "traceparent";

using Kind = receiver::Answer::Kind;

std::string_view NameOf(Kind kind) {
  switch (kind) {
    case Kind::kAccepted:
      return "accepted";
    case Kind::kDuplicate:
      return "duplicate";
    case Kind::kSpooled:
      return "spooled";
    case Kind::kQuarantined:
      return "quarantined";
    case Kind::kUnavailable:
      return "unavailable";
    case Kind::kRejected:
      break;
  }
  return "rejected";
}

// Empty where there is none.
std::string NumberText(std::uint64_t number) {
  return number == 0 ? std::string() : std::to_string(number);
}

}  // namespace

std::unique_ptr<const DeliveryTrace> DeliveryTrace::Of(
    const http::RequestHead& head, std::string_view endpoint) {
  const std::optional<std::string_view> header = head.Find(kHeader);
  if (!header.has_value() || head.Count(kHeader) != 1) return nullptr;
  const auto parent = base::ParseTraceParent(*header);
  if (!parent.has_value() || !parent->sampled) return nullptr;
  return std::unique_ptr<const DeliveryTrace>(
      new DeliveryTrace(*parent, endpoint));
}

void DeliveryTrace::Log(const receiver::Answer& answer) const {
  if (answer.kind == Kind::kRejected) return;
  base::Log(base::Severity::kInfo, "a traced delivery",
            {{"trace_id", trace_id_},
             {"parent_id", parent_id_},
             {"endpoint", endpoint_},
             {"answer", std::string(NameOf(answer.kind))},
             {"event_id", answer.event_id},
             {"sequence", NumberText(answer.sequence)}});
}

}  // namespace tuco::ingress

#include "server/rpc/quarantine_entry.h"

#include <google/protobuf/util/time_util.h>

#include "server/receiver/quarantined_delivery.h"
#include "tuco/internal/utf8.h"
#include "tuco/timestamp.h"

namespace tuco::rpc {
namespace {

namespace pb = events::v1;

static_assert(int{pb::QUARANTINE_STATE_HELD} ==
              static_cast<int>(log::QuarantineState::kHeld));
static_assert(int{pb::QUARANTINE_STATE_RELEASED} ==
              static_cast<int>(log::QuarantineState::kReleased));
static_assert(int{pb::QUARANTINE_STATE_DUPLICATE} ==
              static_cast<int>(log::QuarantineState::kDuplicate));
static_assert(int{pb::QUARANTINE_STATE_PURGED} ==
              static_cast<int>(log::QuarantineState::kPurged));

google::protobuf::Timestamp ToProto(Timestamp time) {
  return google::protobuf::util::TimeUtil::MicrosecondsToTimestamp(
      time.time_since_epoch().count());
}

}  // namespace

std::string WellFormed(std::string_view text) {
  std::string well_formed;
  internal::AppendWellFormed(text, well_formed);
  return well_formed;
}

pb::QuarantinedDelivery Summary(const log::QuarantineEntry& entry) {
  pb::QuarantinedDelivery delivery;
  delivery.set_id(receiver::QuarantineIdText(entry.id));
  delivery.set_state(static_cast<pb::QuarantineState>(entry.state));
  delivery.set_verified(entry.verified);
  delivery.set_held_back(entry.held_back);
  delivery.set_endpoint(WellFormed(entry.endpoint));
  delivery.set_source(WellFormed(entry.source));
  delivery.set_reason(static_cast<pb::Reason>(entry.reason));
  *delivery.mutable_received_at() = ToProto(entry.received_at);
  delivery.set_body_bytes(entry.body_bytes);
  if (entry.sequence != 0) delivery.set_sequence(entry.sequence);
  if (entry.settled_at.has_value()) {
    *delivery.mutable_settled_at() = ToProto(*entry.settled_at);
  }
  return delivery;
}

pb::QuarantinedDelivery Details(const log::QuarantineEntry& entry) {
  pb::QuarantinedDelivery delivery = Summary(entry);
  for (const auto& [name, value] : receiver::HeadersOf(entry)) {
    pb::HttpHeader& header = *delivery.add_headers();
    header.set_name(WellFormed(name));
    header.set_value(WellFormed(value));
  }
  if (entry.body.has_value()) delivery.set_body(*entry.body);
  return delivery;
}

}  // namespace tuco::rpc

#include "server/rpc/subscription_info.h"

#include <google/protobuf/util/time_util.h>

#include <chrono>
#include <string>
#include <utility>

#include "proto/stream_frame.h"
#include "tuco/events/v1/event_service.pb.h"
#include "tuco/strings.h"
#include "tuco/timestamp.h"

namespace tuco::rpc {
namespace {

namespace pb = events::v1;

static_assert(int{pb::PARK_REASON_MAX_DELIVERIES} ==
              static_cast<int>(stream::ParkReason::kMaxDeliveries));
static_assert(int{pb::PARK_REASON_CONSUMER} ==
              static_cast<int>(stream::ParkReason::kConsumer));

google::protobuf::Timestamp ToProto(Timestamp time) {
  return google::protobuf::util::TimeUtil::MicrosecondsToTimestamp(
      time.time_since_epoch().count());
}

pb::SubscriptionProgress Progress(const stream::SubscriptionInfo& info) {
  pb::SubscriptionProgress progress;
  progress.set_settled_through(info.settled_through);
  progress.set_head_sequence(info.head);
  progress.set_lag_events(info.lag_events);
  if (info.oldest_unacknowledged.has_value()) {
    progress.set_oldest_unacknowledged(*info.oldest_unacknowledged);
    progress.set_oldest_unacknowledged_seconds(
        std::chrono::duration<double>(info.oldest_age).count());
  }
  progress.set_outstanding(info.outstanding);
  progress.set_waiting(info.waiting);
  progress.set_parked(info.parked);
  progress.set_readers(info.readers);
  *progress.mutable_created_at() = ToProto(info.created_at);
  *progress.mutable_active_at() = ToProto(info.active_at);
  return progress;
}

absl::StatusOr<pb::Event> EventOf(const log::ParkedEvent& parked,
                                  bool include_body) {
  proto::StoredEvent stored{
      .event = parked.event,
      .sequence = parked.sequence,
      .epoch = parked.epoch,
      .recorded_at = parked.recorded_at,
      .suspected_duplicate_of = parked.suspected_duplicate_of};
  if (include_body) {
    stored.body = parked.body;
    stored.signature = parked.signature;
  }
  std::string frame;
  proto::AppendEvent(stored, frame);
  pb::StreamEventsResponse response;
  if (!response.ParseFromString(frame) || response.events_size() != 1) {
    return absl::DataLossError(
        ToAbsl(Concat({"event ", std::to_string(parked.sequence),
                       " is parked as what is no event"})));
  }
  return std::move(*response.mutable_events(0));
}

}  // namespace

pb::Subscription Describe(const stream::SubscriptionInfo& info) {
  pb::Subscription subscription;
  // What the engine has was read before: it is well-formed.
  subscription.ParseFromString(info.settings.stored);
  subscription.set_name(info.name);
  *subscription.mutable_progress() = Progress(info);
  return subscription;
}

absl::StatusOr<pb::ParkedEvent> Describe(const log::ParkedEvent& parked,
                                         bool include_body) {
  absl::StatusOr<pb::Event> event = EventOf(parked, include_body);
  if (!event.ok()) return event.status();
  pb::ParkedEvent described;
  *described.mutable_event() = *std::move(event);
  described.set_deliveries(parked.deliveries);
  described.set_reason(static_cast<pb::ParkReason>(parked.reason));
  *described.mutable_parked_at() = ToProto(parked.parked_at);
  described.set_replaying(parked.replaying);
  return described;
}

}  // namespace tuco::rpc

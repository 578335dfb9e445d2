#include "server/rpc/stream_request.h"

#include <chrono>
#include <optional>

#include "proto/status_details.h"
#include "server/base/status_macros.h"
#include "server/rpc/request_parts.h"

namespace tuco::rpc {
namespace {

namespace pb = events::v1;

// Rounded up to the hub's microseconds, so that no delay becomes none.
absl::StatusOr<std::chrono::microseconds> ToDelay(
    const google::protobuf::Duration& delay) {
  const std::chrono::nanoseconds rest(delay.nanos());
  if (delay.seconds() < 0 || delay.seconds() > 1 || rest.count() < 0 ||
      rest >= std::chrono::seconds(1)) {
    return proto::FieldViolation("max_batch_delay", "expected 0 to 1 second");
  }
  return std::chrono::seconds(delay.seconds()) +
         std::chrono::ceil<std::chrono::microseconds>(rest);
}

// A subscription has its own filter and place.
absl::Status CheckSubscription(const pb::StreamEventsRequest& request) {
  if (request.has_filter()) {
    return proto::FieldViolation(
        "filter", "expected none with a subscription, which has its own");
  }
  if (request.has_epoch()) {
    return proto::FieldViolation(
        "epoch", "expected none with a subscription, which has its own place");
  }
  return CheckSubscriptionName("subscription", request.subscription());
}

absl::StatusOr<stream::Position> RequiredPosition(
    const pb::StreamEventsRequest& request) {
  TUCO_ASSIGN_OR_RETURN(const std::optional<stream::Position> position,
                        ToPosition(request));
  if (position.has_value()) return *position;
  return proto::FieldViolation(
      "position",
      "expected one of after_sequence, anchor, from_time and subscription");
}

}  // namespace

absl::StatusOr<stream::StreamOptions> ToStreamOptions(
    const pb::StreamEventsRequest& request) {
  stream::StreamOptions options;
  if (request.position_case() == pb::StreamEventsRequest::kSubscription) {
    TUCO_RETURN_IF_ERROR(CheckSubscription(request));
  } else {
    TUCO_ASSIGN_OR_RETURN(options.position, RequiredPosition(request));
  }
  TUCO_ASSIGN_OR_RETURN(options.filter, ToFilter(request.filter()));
  options.include_body = request.include_body();
  options.stop_at_end = request.stop_at_end();
  if (request.has_max_batch_events()) {
    options.batch_events_max = request.max_batch_events();
  }
  if (request.has_max_batch_bytes()) {
    options.batch_bytes_max = request.max_batch_bytes();
  }
  if (request.has_max_batch_delay()) {
    TUCO_ASSIGN_OR_RETURN(options.batch_delay,
                          ToDelay(request.max_batch_delay()));
  }
  if (request.has_epoch()) options.epoch = request.epoch();
  return options;
}

}  // namespace tuco::rpc

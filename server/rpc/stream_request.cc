#include "server/rpc/stream_request.h"

#include <chrono>

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

absl::StatusOr<stream::Position> ToPosition(
    const pb::StreamEventsRequest& request) {
  switch (request.position_case()) {
    case pb::StreamEventsRequest::kAfterSequence:
      return stream::AfterSequence{request.after_sequence()};
    case pb::StreamEventsRequest::kFromTime:
      return ToFromTime(request.from_time());
    case pb::StreamEventsRequest::kAnchor:
      if (request.anchor() == pb::ANCHOR_EARLIEST) return stream::Earliest{};
      if (request.anchor() == pb::ANCHOR_LATEST) return stream::Latest{};
      return proto::FieldViolation("anchor",
                                   "expected ANCHOR_EARLIEST or ANCHOR_LATEST");
    case pb::StreamEventsRequest::POSITION_NOT_SET:
      break;
  }
  return proto::FieldViolation(
      "position", "expected one of after_sequence, anchor and from_time");
}

}  // namespace

absl::StatusOr<stream::StreamOptions> ToStreamOptions(
    const pb::StreamEventsRequest& request) {
  stream::StreamOptions options;
  TUCO_ASSIGN_OR_RETURN(options.position, ToPosition(request));
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

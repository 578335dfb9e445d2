// What several requests have in common, in the server's own types.

#ifndef TUCO_SERVER_RPC_REQUEST_PARTS_H_
#define TUCO_SERVER_RPC_REQUEST_PARTS_H_

#include <google/protobuf/duration.pb.h>
#include <google/protobuf/timestamp.pb.h>

#include <chrono>
#include <optional>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/log/filter.h"
#include "server/stream/position.h"
#include "tuco/events/v1/event_service.pb.h"

namespace tuco::rpc {

// The filter that is in `field` of a request. InvalidArgument, naming the
// field: a value that is not known, or a list with too many entries.
absl::StatusOr<log::Filter> ToFilter(const events::v1::EventFilter& request,
                                     std::string_view field = "filter");

// InvalidArgument, naming `from_time`: no valid time.
absl::StatusOr<stream::FromTime> ToFromTime(
    const google::protobuf::Timestamp& time);

// InvalidArgument, naming `anchor`: none.
absl::StatusOr<stream::Position> FromAnchor(events::v1::Anchor anchor);

// Where a request that has `after_sequence`, `anchor` and `from_time` says to
// begin; nothing when it has none of them. InvalidArgument, naming the field.
template <typename Request>
absl::StatusOr<std::optional<stream::Position>> ToPosition(
    const Request& request) {
  absl::StatusOr<stream::Position> position;
  switch (request.position_case()) {
    case Request::kAfterSequence:
      position = stream::AfterSequence{request.after_sequence()};
      break;
    case Request::kAnchor:
      position = FromAnchor(request.anchor());
      break;
    case Request::kFromTime:
      position = ToFromTime(request.from_time());
      break;
    default:
      return std::optional<stream::Position>();
  }
  if (!position.ok()) return position.status();
  return std::optional<stream::Position>(*position);
}

// From `min` to `max`, both included. A value.
struct DurationRange {
  std::chrono::seconds min;
  std::chrono::seconds max;
};

// Rounded up, so that no duration becomes none. InvalidArgument, naming
// `field`: out of its range, or no valid duration.
absl::StatusOr<std::chrono::microseconds> ToDuration(
    std::string_view field, const google::protobuf::Duration& duration,
    DurationRange range);

// InvalidArgument, naming `field`: as of ToDuration, or no whole seconds.
absl::StatusOr<std::chrono::seconds> ToSeconds(
    std::string_view field, const google::protobuf::Duration& duration,
    DurationRange range);

// InvalidArgument, naming `field`, when `name` can be no subscription's.
absl::Status CheckSubscriptionName(std::string_view field,
                                   std::string_view name);

}  // namespace tuco::rpc

#endif  // TUCO_SERVER_RPC_REQUEST_PARTS_H_

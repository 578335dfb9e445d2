// What several requests have in common, in the server's own types.

#ifndef TUCO_SERVER_RPC_REQUEST_PARTS_H_
#define TUCO_SERVER_RPC_REQUEST_PARTS_H_

#include <google/protobuf/timestamp.pb.h>

#include "absl/status/statusor.h"
#include "server/log/filter.h"
#include "server/stream/position.h"
#include "tuco/events/v1/event_service.pb.h"

namespace tuco::rpc {

// InvalidArgument, naming the field: a value that is not known, or
// a list with too many entries.
absl::StatusOr<log::Filter> ToFilter(const events::v1::EventFilter& request);

// InvalidArgument, naming `from_time`: no valid time.
absl::StatusOr<stream::FromTime> ToFromTime(
    const google::protobuf::Timestamp& time);

}  // namespace tuco::rpc

#endif  // TUCO_SERVER_RPC_REQUEST_PARTS_H_

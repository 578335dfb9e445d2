// From the request of StreamEvents to what the hub is asked for.

#ifndef TUCO_SERVER_RPC_STREAM_REQUEST_H_
#define TUCO_SERVER_RPC_STREAM_REQUEST_H_

#include "absl/status/statusor.h"
#include "server/stream/position.h"
#include "tuco/events/v1/event_service.pb.h"

namespace tuco::rpc {

// InvalidArgument, with the field at fault in its details: no position, an
// anchor, type, flag or test filter that is not one, or a list that is longer
// than kFilterEntriesMax; or a subscription with a filter, an epoch or a name
// that is none. With a subscription the position, filter and epoch do not
// count.
absl::StatusOr<stream::StreamOptions> ToStreamOptions(
    const events::v1::StreamEventsRequest& request);

}  // namespace tuco::rpc

#endif  // TUCO_SERVER_RPC_STREAM_REQUEST_H_

// From the requests of Consume to what a consumer is asked for.
//
// Pure functions, safe for concurrent use. Their InvalidArgument has the field
// at fault in its details.

#ifndef TUCO_SERVER_RPC_CONSUME_REQUEST_H_
#define TUCO_SERVER_RPC_CONSUME_REQUEST_H_

#include <vector>

#include "absl/status/statusor.h"
#include "server/stream/consumer.h"
#include "tuco/events/v1/subscription.pb.h"

namespace tuco::rpc {

// What the first request opens. InvalidArgument: it does not open, names what
// can be no subscription, or has a limit out of its range.
absl::StatusOr<stream::ConsumerOptions> ToConsumerOptions(
    const events::v1::ConsumeRequest& first);

// What a request, the first one or a later one, says of events.
// InvalidArgument: too many verdicts, or one without an event, without a
// verdict or with a time out of its range.
absl::StatusOr<std::vector<stream::Verdict>> ToVerdicts(
    const events::v1::ConsumeRequest& request);

}  // namespace tuco::rpc

#endif  // TUCO_SERVER_RPC_CONSUME_REQUEST_H_

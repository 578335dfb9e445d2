// The answers of ListParked and ReplayParked.
//
// As those of subscription_calls.h.

#ifndef TUCO_SERVER_RPC_PARKED_EVENTS_H_
#define TUCO_SERVER_RPC_PARKED_EVENTS_H_

#include "absl/status/status.h"
#include "server/log/filter.h"
#include "server/stream/subscriptions.h"
#include "tuco/events/v1/subscription.pb.h"

namespace tuco::rpc {

// Leaves out what is beyond `reach`: an earlier filter of the subscription may
// have let it through. DataLoss as well: what is parked is no event.
absl::Status AnswerListParked(stream::Subscriptions& subscriptions,
                              const events::v1::ListParkedRequest& request,
                              const log::Reach& reach,
                              events::v1::ListParkedResponse& response);

absl::Status AnswerReplayParked(stream::Subscriptions& subscriptions,
                                const events::v1::ReplayParkedRequest& request,
                                events::v1::ReplayParkedResponse& response);

}  // namespace tuco::rpc

#endif  // TUCO_SERVER_RPC_PARKED_EVENTS_H_

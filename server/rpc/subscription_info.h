// A subscription and what it has parked, in the protocol's words.
//
// Pure functions, safe for concurrent use.

#ifndef TUCO_SERVER_RPC_SUBSCRIPTION_INFO_H_
#define TUCO_SERVER_RPC_SUBSCRIPTION_INFO_H_

#include "absl/status/statusor.h"
#include "server/log/subscription.h"
#include "server/stream/subscription.h"
#include "tuco/events/v1/subscription.pb.h"

namespace tuco::rpc {

// With every setting, and its progress.
events::v1::Subscription Describe(const stream::SubscriptionInfo& info);

// With its event, and that one's body and signature when `include_body`.
// DataLoss: what is stored is no event.
absl::StatusOr<events::v1::ParkedEvent> Describe(const log::ParkedEvent& parked,
                                                 bool include_body);

}  // namespace tuco::rpc

#endif  // TUCO_SERVER_RPC_SUBSCRIPTION_INFO_H_

// Which subscriptions a caller may use who may not see every event.
//
// Safe for concurrent use; nothing is looked up for a caller who may see all.

#ifndef TUCO_SERVER_RPC_SUBSCRIPTION_ACCESS_H_
#define TUCO_SERVER_RPC_SUBSCRIPTION_ACCESS_H_

#include <string_view>

#include "absl/status/status.h"
#include "server/rpc/caller.h"
#include "server/stream/subscriptions.h"
#include "tuco/events/v1/subscription.pb.h"

namespace tuco::rpc {

// PermissionDenied: the subscription's filter lets events through that `caller`
// may not see. NotFound: there is none.
absl::Status MayUse(const Caller& caller, stream::Subscriptions& subscriptions,
                    std::string_view name);

// Whether `caller` may give `subscription` the filter that it has. Where they
// may see some workspaces only, what is flagged WORKSPACE_MISMATCH is taken out
// of it first. PermissionDenied; InvalidArgument: it is no filter.
absl::Status MayHaveFilter(const Caller& caller,
                           events::v1::Subscription& subscription);

}  // namespace tuco::rpc

#endif  // TUCO_SERVER_RPC_SUBSCRIPTION_ACCESS_H_

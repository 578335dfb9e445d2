#include "server/rpc/subscription_access.h"

#include <algorithm>

#include "absl/status/statusor.h"
#include "server/base/status_macros.h"
#include "server/rpc/request_parts.h"

namespace tuco::rpc {
namespace {

namespace pb = events::v1;

void HideForeignWorkspaces(pb::EventFilter& filter) {
  const auto& hidden = filter.without_flags();
  if (std::find(hidden.begin(), hidden.end(), pb::FLAG_WORKSPACE_MISMATCH) ==
      hidden.end()) {
    filter.add_without_flags(pb::FLAG_WORKSPACE_MISMATCH);
  }
}

}  // namespace

absl::Status MayUse(const Caller& caller, stream::Subscriptions& subscriptions,
                    std::string_view name) {
  if (caller.reach().IsUnlimited()) return absl::OkStatus();
  TUCO_ASSIGN_OR_RETURN(const stream::SubscriptionInfo info,
                        subscriptions.Get(name));
  return caller.RequireFilter(name, info.settings.filter);
}

absl::Status MayHaveFilter(const Caller& caller,
                           pb::Subscription& subscription) {
  if (caller.reach().IsUnlimited()) return absl::OkStatus();
  if (!caller.reach().workspaces.empty()) {
    HideForeignWorkspaces(*subscription.mutable_filter());
  }
  TUCO_ASSIGN_OR_RETURN(const log::Filter filter,
                        ToFilter(subscription.filter(), "subscription.filter"));
  return caller.RequireFilter(subscription.name(), filter);
}

}  // namespace tuco::rpc

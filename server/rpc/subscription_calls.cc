#include "server/rpc/subscription_calls.h"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "proto/status_details.h"
#include "server/base/status_macros.h"
#include "server/rpc/limits.h"
#include "server/rpc/paging.h"
#include "server/rpc/request_parts.h"
#include "server/rpc/subscription_info.h"
#include "server/rpc/subscription_settings.h"
#include "tuco/strings.h"

namespace tuco::rpc {
namespace {

namespace pb = events::v1;

// A token is this and the name behind which its page begins.
constexpr std::string_view kTokenPrefix = "after_";

absl::StatusOr<std::string> PageStart(std::string_view token) {
  if (token.empty()) return std::string();
  if (token.starts_with(kTokenPrefix)) {
    const std::string_view name = token.substr(kTokenPrefix.size());
    if (CheckSubscriptionName("page_token", name).ok()) {
      return std::string(name);
    }
  }
  return PageTokenViolation();
}

}  // namespace

absl::Status AnswerCreateSubscription(
    stream::Subscriptions& subscriptions,
    const pb::CreateSubscriptionRequest& request,
    pb::CreateSubscriptionResponse& response) {
  const std::string& name = request.subscription().name();
  TUCO_RETURN_IF_ERROR(CheckSubscriptionName("subscription.name", name));
  TUCO_ASSIGN_OR_RETURN(stream::SubscriptionSettings settings,
                        ToSettings(request.subscription()));
  TUCO_ASSIGN_OR_RETURN(const std::optional<stream::Position> position,
                        ToPosition(request));
  TUCO_ASSIGN_OR_RETURN(
      const stream::SubscriptionInfo info,
      subscriptions.Create(name, std::move(settings),
                           position.value_or(stream::Latest{})));
  *response.mutable_subscription() = Describe(info);
  return absl::OkStatus();
}

absl::Status AnswerUpdateSubscription(
    stream::Subscriptions& subscriptions,
    const pb::UpdateSubscriptionRequest& request,
    pb::UpdateSubscriptionResponse& response) {
  const std::string& name = request.subscription().name();
  TUCO_RETURN_IF_ERROR(CheckSubscriptionName("subscription.name", name));
  TUCO_RETURN_IF_ERROR(CheckUpdateMask(request.update_mask()));
  TUCO_ASSIGN_OR_RETURN(
      const stream::SubscriptionInfo info,
      subscriptions.Update(
          name, [&request](const stream::SubscriptionSettings& present) {
            return WithChanges(present, request.subscription(),
                               request.update_mask());
          }));
  *response.mutable_subscription() = Describe(info);
  return absl::OkStatus();
}

absl::Status AnswerGetSubscription(stream::Subscriptions& subscriptions,
                                   const pb::GetSubscriptionRequest& request,
                                   pb::GetSubscriptionResponse& response) {
  TUCO_RETURN_IF_ERROR(CheckSubscriptionName("name", request.name()));
  TUCO_ASSIGN_OR_RETURN(const stream::SubscriptionInfo info,
                        subscriptions.Get(request.name()));
  *response.mutable_subscription() = Describe(info);
  return absl::OkStatus();
}

absl::Status AnswerListSubscriptions(
    stream::Subscriptions& subscriptions,
    const pb::ListSubscriptionsRequest& request, const log::Reach& reach,
    pb::ListSubscriptionsResponse& response) {
  TUCO_ASSIGN_OR_RETURN(const std::size_t page_size, PageSize(request));
  TUCO_ASSIGN_OR_RETURN(const std::string after,
                        PageStart(request.page_token()));
  // One more than wanted says whether there is another page.
  TUCO_ASSIGN_OR_RETURN(const std::vector<stream::SubscriptionInfo> found,
                        subscriptions.List(after, page_size + 1));
  std::size_t bytes = 0;
  std::size_t taken = 0;
  for (; taken < found.size() && taken < page_size; ++taken) {
    if (!reach.Contains(found[taken].settings.filter)) continue;
    pb::Subscription subscription = Describe(found[taken]);
    bytes += subscription.ByteSizeLong();
    if (response.subscriptions_size() > 0 && bytes > kSubscriptionPageBytesMax)
      break;
    *response.add_subscriptions() = std::move(subscription);
  }
  if (taken < found.size()) {
    response.set_next_page_token(Concat({kTokenPrefix, found[taken - 1].name}));
  }
  return absl::OkStatus();
}

absl::Status AnswerDeleteSubscription(
    stream::Subscriptions& subscriptions,
    const pb::DeleteSubscriptionRequest& request) {
  TUCO_RETURN_IF_ERROR(CheckSubscriptionName("name", request.name()));
  return subscriptions.Delete(request.name());
}

absl::Status AnswerSeekSubscription(stream::Subscriptions& subscriptions,
                                    const pb::SeekSubscriptionRequest& request,
                                    pb::SeekSubscriptionResponse& response) {
  TUCO_RETURN_IF_ERROR(CheckSubscriptionName("name", request.name()));
  TUCO_ASSIGN_OR_RETURN(const std::optional<stream::Position> position,
                        ToPosition(request));
  if (!position.has_value()) {
    return proto::FieldViolation(
        "position", "expected one of after_sequence, anchor and from_time");
  }
  TUCO_ASSIGN_OR_RETURN(const stream::SubscriptionInfo info,
                        subscriptions.Seek(request.name(), *position));
  *response.mutable_subscription() = Describe(info);
  return absl::OkStatus();
}

absl::Status AnswerAcknowledge(stream::Subscriptions& subscriptions,
                               const pb::AcknowledgeRequest& request,
                               pb::AcknowledgeResponse& response) {
  TUCO_RETURN_IF_ERROR(
      CheckSubscriptionName("subscription", request.subscription()));
  TUCO_ASSIGN_OR_RETURN(const std::uint64_t through,
                        subscriptions.Acknowledge(request.subscription(),
                                                  request.through_sequence()));
  response.set_acknowledged_through(through);
  return absl::OkStatus();
}

}  // namespace tuco::rpc

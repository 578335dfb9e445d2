// The answers of the calls that keep subscriptions: create, change, look,
// move, acknowledge and delete.
//
// Each is the mapping alone, and blocks as stream::Subscriptions does. Besides
// the codes of that: InvalidArgument, with the field at fault in its details.
// Safe for concurrent use.

#ifndef TUCO_SERVER_RPC_SUBSCRIPTION_CALLS_H_
#define TUCO_SERVER_RPC_SUBSCRIPTION_CALLS_H_

#include "absl/status/status.h"
#include "server/log/filter.h"
#include "server/stream/subscriptions.h"
#include "tuco/events/v1/subscription.pb.h"

namespace tuco::rpc {

absl::Status AnswerCreateSubscription(
    stream::Subscriptions& subscriptions,
    const events::v1::CreateSubscriptionRequest& request,
    events::v1::CreateSubscriptionResponse& response);

absl::Status AnswerUpdateSubscription(
    stream::Subscriptions& subscriptions,
    const events::v1::UpdateSubscriptionRequest& request,
    events::v1::UpdateSubscriptionResponse& response);

absl::Status AnswerGetSubscription(
    stream::Subscriptions& subscriptions,
    const events::v1::GetSubscriptionRequest& request,
    events::v1::GetSubscriptionResponse& response);

// A page ends early rather than grow beyond kSubscriptionPageBytesMax. It
// leaves out those whose filters go beyond `reach`.
absl::Status AnswerListSubscriptions(
    stream::Subscriptions& subscriptions,
    const events::v1::ListSubscriptionsRequest& request,
    const log::Reach& reach, events::v1::ListSubscriptionsResponse& response);

absl::Status AnswerDeleteSubscription(
    stream::Subscriptions& subscriptions,
    const events::v1::DeleteSubscriptionRequest& request);

absl::Status AnswerSeekSubscription(
    stream::Subscriptions& subscriptions,
    const events::v1::SeekSubscriptionRequest& request,
    events::v1::SeekSubscriptionResponse& response);

absl::Status AnswerAcknowledge(stream::Subscriptions& subscriptions,
                               const events::v1::AcknowledgeRequest& request,
                               events::v1::AcknowledgeResponse& response);

}  // namespace tuco::rpc

#endif  // TUCO_SERVER_RPC_SUBSCRIPTION_CALLS_H_

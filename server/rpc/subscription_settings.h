// A subscription's settings, between the protocol and the server.
//
// What the log keeps of them (`stored`) is a serialized
// tuco.events.v1.Subscription without name and progress, every default spelt
// out: what is a default in a later version does not change what was created.
//
// Pure functions, safe for concurrent use.

#ifndef TUCO_SERVER_RPC_SUBSCRIPTION_SETTINGS_H_
#define TUCO_SERVER_RPC_SUBSCRIPTION_SETTINGS_H_

#include <google/protobuf/field_mask.pb.h>

#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/stream/subscription.h"
#include "tuco/events/v1/subscription.pb.h"

namespace tuco::rpc {

// InvalidArgument, with the field at fault in its details, below
// `subscription`: no mode, a setting out of its range, one of SHARED
// subscriptions in a CURSOR, or more than kSubscriptionBytesMax of them.
absl::StatusOr<stream::SubscriptionSettings> ToSettings(
    const events::v1::Subscription& subscription);

// A stream::ReadSettings. DataLoss: `stored` is not what ToSettings stores.
absl::StatusOr<stream::SubscriptionSettings> ReadSettings(
    std::string_view stored);

// InvalidArgument, naming `update_mask`: a mask without a field, with an
// unknown one or one that cannot change.
absl::Status CheckUpdateMask(const google::protobuf::FieldMask& mask);

// `present` with what `mask`, which CheckUpdateMask passed, names as `wanted`
// has it; what is absent there becomes the default. The codes of ToSettings.
absl::StatusOr<stream::SubscriptionSettings> WithChanges(
    const stream::SubscriptionSettings& present,
    const events::v1::Subscription& wanted,
    const google::protobuf::FieldMask& mask);

}  // namespace tuco::rpc

#endif  // TUCO_SERVER_RPC_SUBSCRIPTION_SETTINGS_H_

#include "server/rpc/subscription_settings.h"

#include <google/protobuf/util/time_util.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <string>

#include "proto/status_details.h"
#include "server/base/status_macros.h"
#include "server/rpc/limits.h"
#include "server/rpc/request_parts.h"
#include "server/stream/consumer.h"
#include "tuco/strings.h"

namespace tuco::rpc {
namespace {

namespace pb = events::v1;
using google::protobuf::util::TimeUtil;
using Settings = stream::SubscriptionSettings;

constexpr DurationRange kAckDeadlineRange{std::chrono::seconds(1),
                                          stream::kAckDeadlineMax};
constexpr DurationRange kBackoffRange{std::chrono::seconds(1),
                                      std::chrono::hours(1)};
constexpr DurationRange kExpiryRange{std::chrono::seconds(60),
                                     std::chrono::days(366)};
constexpr std::uint32_t kDeliveriesMax = 1'000;

constexpr std::array<std::string_view, 6> kChangeable = {
    "filter",      "ack_deadline", "max_deliveries",
    "backoff_min", "backoff_max",  "expires_after"};

// The first setting of SHARED subscriptions that is set; empty: none.
std::string_view SharedSetting(const pb::Subscription& subscription) {
  if (subscription.has_ack_deadline()) return "ack_deadline";
  if (subscription.has_max_deliveries()) return "max_deliveries";
  if (subscription.has_backoff_min()) return "backoff_min";
  if (subscription.has_backoff_max()) return "backoff_max";
  if (subscription.ordering_key() != pb::ORDERING_KEY_UNSPECIFIED) {
    return "ordering_key";
  }
  return "";
}

absl::Status ReadMode(const pb::Subscription& subscription,
                      Settings& settings) {
  switch (subscription.mode()) {
    case pb::SUBSCRIPTION_MODE_CURSOR:
      settings.mode = stream::SubscriptionMode::kCursor;
      break;
    case pb::SUBSCRIPTION_MODE_SHARED:
      settings.mode = stream::SubscriptionMode::kShared;
      return absl::OkStatus();
    default:
      return proto::FieldViolation(
          "subscription.mode",
          "expected SUBSCRIPTION_MODE_CURSOR or SUBSCRIPTION_MODE_SHARED");
  }
  const std::string_view shared = SharedSetting(subscription);
  if (shared.empty()) return absl::OkStatus();
  return proto::FieldViolation(
      Concat({"subscription.", shared}),
      "expected none: it is a setting of SHARED subscriptions, and this is a "
      "CURSOR");
}

absl::Status ReadOrderingKey(const pb::Subscription& subscription,
                             Settings& settings) {
  switch (subscription.ordering_key()) {
    case pb::ORDERING_KEY_UNSPECIFIED:
      settings.ordering_key = stream::OrderingKey::kNone;
      return absl::OkStatus();
    case pb::ORDERING_KEY_LEAD:
      settings.ordering_key = stream::OrderingKey::kLead;
      return absl::OkStatus();
    case pb::ORDERING_KEY_PHONE:
      settings.ordering_key = stream::OrderingKey::kPhone;
      return absl::OkStatus();
    default:
      return proto::FieldViolation(
          "subscription.ordering_key",
          "expected ORDERING_KEY_LEAD, ORDERING_KEY_PHONE or none");
  }
}

absl::Status ReadBackoff(const pb::Subscription& subscription,
                         Settings& settings) {
  if (subscription.has_backoff_min()) {
    TUCO_ASSIGN_OR_RETURN(
        settings.backoff_min,
        ToDuration("subscription.backoff_min", subscription.backoff_min(),
                   kBackoffRange));
  }
  if (subscription.has_backoff_max()) {
    TUCO_ASSIGN_OR_RETURN(
        settings.backoff_max,
        ToDuration("subscription.backoff_max", subscription.backoff_max(),
                   kBackoffRange));
  }
  if (settings.backoff_max >= settings.backoff_min) return absl::OkStatus();
  return proto::FieldViolation(
      "subscription.backoff_max",
      Concat({"expected at least backoff_min, which is ",
              std::to_string(settings.backoff_min.count()), " us, found ",
              std::to_string(settings.backoff_max.count()), " us"}));
}

absl::Status ReadShared(const pb::Subscription& subscription,
                        Settings& settings) {
  if (subscription.has_ack_deadline()) {
    TUCO_ASSIGN_OR_RETURN(
        settings.ack_deadline,
        ToSeconds("subscription.ack_deadline", subscription.ack_deadline(),
                  kAckDeadlineRange));
  }
  if (subscription.has_max_deliveries()) {
    settings.deliveries_max = subscription.max_deliveries();
  }
  if (settings.deliveries_max < 1 || settings.deliveries_max > kDeliveriesMax) {
    return proto::FieldViolation(
        "subscription.max_deliveries",
        Concat({"expected 1 to ", std::to_string(kDeliveriesMax), ", found ",
                std::to_string(settings.deliveries_max)}));
  }
  TUCO_RETURN_IF_ERROR(ReadBackoff(subscription, settings));
  return ReadOrderingKey(subscription, settings);
}

// `subscription` as it is stored: without what is not a setting, and with
// every default.
std::string Stored(pb::Subscription subscription, const Settings& settings) {
  subscription.DiscardUnknownFields();
  subscription.clear_name();
  subscription.clear_progress();
  if (settings.mode == stream::SubscriptionMode::kShared) {
    *subscription.mutable_ack_deadline() =
        TimeUtil::SecondsToDuration(settings.ack_deadline.count());
    subscription.set_max_deliveries(settings.deliveries_max);
    *subscription.mutable_backoff_min() =
        TimeUtil::MicrosecondsToDuration(settings.backoff_min.count());
    *subscription.mutable_backoff_max() =
        TimeUtil::MicrosecondsToDuration(settings.backoff_max.count());
  }
  return subscription.SerializeAsString();
}

void CopySetting(std::string_view field, const pb::Subscription& wanted,
                 pb::Subscription& subscription) {
  const auto* const descriptor =
      pb::Subscription::descriptor()->FindFieldByName(std::string(field));
  const auto* const reflection = pb::Subscription::GetReflection();
  if (!reflection->HasField(wanted, descriptor)) {
    reflection->ClearField(&subscription, descriptor);
  } else if (field == "max_deliveries") {
    subscription.set_max_deliveries(wanted.max_deliveries());
  } else {
    reflection->MutableMessage(&subscription, descriptor)
        ->CopyFrom(reflection->GetMessage(wanted, descriptor));
  }
}

}  // namespace

absl::StatusOr<Settings> ToSettings(const pb::Subscription& subscription) {
  Settings settings;
  TUCO_RETURN_IF_ERROR(ReadMode(subscription, settings));
  TUCO_ASSIGN_OR_RETURN(settings.filter,
                        ToFilter(subscription.filter(), "subscription.filter"));
  if (settings.mode == stream::SubscriptionMode::kShared) {
    TUCO_RETURN_IF_ERROR(ReadShared(subscription, settings));
  }
  if (subscription.has_expires_after()) {
    TUCO_ASSIGN_OR_RETURN(
        settings.expires_after,
        ToSeconds("subscription.expires_after", subscription.expires_after(),
                  kExpiryRange));
  }
  settings.stored = Stored(subscription, settings);
  if (settings.stored.size() <= kSubscriptionBytesMax) return settings;
  return proto::FieldViolation(
      "subscription.filter",
      Concat({"expected settings of at most ",
              std::to_string(kSubscriptionBytesMax), " bytes, found ",
              std::to_string(settings.stored.size())}));
}

absl::StatusOr<Settings> ReadSettings(std::string_view stored) {
  pb::Subscription subscription;
  if (!subscription.ParseFromArray(stored.data(),
                                   static_cast<int>(stored.size()))) {
    return absl::DataLossError("settings are stored as what is none");
  }
  absl::StatusOr<Settings> settings = ToSettings(subscription);
  if (settings.ok()) return settings;
  return absl::DataLossError(
      ToAbsl(Concat({"settings are stored that are none: ",
                     FromAbsl(settings.status().message())})));
}

absl::Status CheckUpdateMask(const google::protobuf::FieldMask& mask) {
  const auto is_changeable = [](const std::string& path) {
    return std::find(kChangeable.begin(), kChangeable.end(), path) !=
           kChangeable.end();
  };
  const bool good =
      !mask.paths().empty() &&
      std::all_of(mask.paths().begin(), mask.paths().end(), is_changeable);
  if (good) return absl::OkStatus();
  return proto::FieldViolation(
      "update_mask",
      Concat({"expected some of filter, ack_deadline, max_deliveries, "
              "backoff_min, backoff_max and expires_after, found ",
              mask.paths().empty() ? "none" : "something else"}));
}

absl::StatusOr<Settings> WithChanges(const Settings& present,
                                     const pb::Subscription& wanted,
                                     const google::protobuf::FieldMask& mask) {
  pb::Subscription subscription;
  if (!subscription.ParseFromString(present.stored)) {
    return absl::DataLossError("settings are stored as what is none");
  }
  for (const std::string& path : mask.paths()) {
    CopySetting(path, wanted, subscription);
  }
  return ToSettings(subscription);
}

}  // namespace tuco::rpc

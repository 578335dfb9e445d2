// Subscriptions as their users know them: what one is, and how far it has got.

#ifndef TUCO_SERVER_STREAM_SUBSCRIPTION_H_
#define TUCO_SERVER_STREAM_SUBSCRIPTION_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "server/log/filter.h"
#include "server/log/subscription.h"
#include "tuco/timestamp.h"

namespace tuco::stream {

// How a subscription is read.
enum class SubscriptionMode : std::uint8_t {
  kCursor,  // By one reader, in order; moved by Acknowledge.
  kShared,  // By consumers that share the work.
};

// Which events must not be outstanding at the same time.
enum class OrderingKey : std::uint8_t { kNone, kLead, kPhone };

// The numbers of tuco.events.v1.ParkReason.
enum class ParkReason : std::uint8_t { kMaxDeliveries = 1, kConsumer = 2 };

// What a subscription is told. A value.
struct SubscriptionSettings {
  SubscriptionMode mode = SubscriptionMode::kCursor;
  log::Filter filter;
  // Of SHARED ones.
  std::chrono::seconds ack_deadline{30};
  std::uint32_t deliveries_max = 20;
  std::chrono::microseconds backoff_min{std::chrono::seconds(1)};
  std::chrono::microseconds backoff_max{std::chrono::hours(1)};
  OrderingKey ordering_key = OrderingKey::kNone;
  // Nothing: never.
  std::optional<std::chrono::seconds> expires_after;
  // What the log keeps of all that: opaque here, read by ReadSettings.
  std::string stored;
};

// Makes settings of what a log keeps as `stored`. DataLoss: it is none.
using ReadSettings = std::function<absl::StatusOr<SubscriptionSettings>(
    std::string_view stored)>;

// A subscription at one moment. A value.
struct SubscriptionInfo {
  std::string name;
  SubscriptionSettings settings;
  std::uint64_t settled_through = 0;
  std::uint64_t head = 0;
  std::uint64_t lag_events = 0;  // Behind settled_through, matching or not.
  // The oldest matching event that is not settled, and its age; nothing where
  // none is found, or not within a bounded look.
  std::optional<std::uint64_t> oldest_unacknowledged;
  std::chrono::microseconds oldest_age{0};
  std::uint64_t outstanding = 0;
  std::uint64_t waiting = 0;
  std::uint64_t parked = 0;
  std::uint32_t readers = 0;
  Timestamp created_at;
  Timestamp active_at;
};

// A page of what a subscription has parked.
struct ParkedPage {
  std::vector<log::ParkedEvent> events;
  bool end = false;  // Whether nothing is behind.
};

// What a replay of parked events did.
struct Replayed {
  std::uint64_t count = 0;
  std::vector<std::uint64_t> not_parked;
};

}  // namespace tuco::stream

#endif  // TUCO_SERVER_STREAM_SUBSCRIPTION_H_

// Subscriptions as the log keeps them: how far each has got, what it has not
// settled before that, and what it has parked.
//
//   1 … ────────── through ┄┄┄┄┄┄┄┄┄┄┄┄┄▶ head
//       settled, but for       not settled; an `unsettled` row there
//       the `unsettled` rows   only keeps what its event has been through
//
// The log looks at none of it.

#ifndef TUCO_SERVER_LOG_SUBSCRIPTION_H_
#define TUCO_SERVER_LOG_SUBSCRIPTION_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "tuco/digest.h"
#include "tuco/timestamp.h"

namespace tuco::log {

// One subscription. A value.
struct SubscriptionRow {
  std::string name;  // Unique in the log.
  // Given by whoever creates it, above every other one that is there: what is
  // committed late for one that was deleted must not reach another one.
  std::uint64_t id = 0;
  std::string settings;  // Opaque: mode, filter, limits.
  // Every event that matches, up to this sequence, is settled, unless it is
  // among the unsettled ones.
  std::uint64_t through = 0;
  Timestamp created_at;
  Timestamp active_at;  // When somebody last made use of it.

  friend bool operator==(const SubscriptionRow&,
                         const SubscriptionRow&) = default;
};

// An event that a subscription has not settled, and what it has been through.
struct UnsettledEvent {
  std::uint64_t sequence = 0;
  std::uint32_t deliveries = 0;
  // Not to be delivered again before; nothing: at once.
  std::optional<Timestamp> retry_at;

  friend bool operator==(const UnsettledEvent&,
                         const UnsettledEvent&) = default;
};

// An event that a subscription has given up for the time being, with a copy of
// its own that outlives the record. A value.
struct ParkedEvent {
  std::uint64_t sequence = 0;
  std::uint64_t epoch = 0;
  Timestamp recorded_at;
  std::uint64_t suspected_duplicate_of = 0;
  std::string lead_id;  // Empty: none; so is phone.
  std::string phone;
  std::string event;  // As the log has it; so are body and signature.
  std::string body;
  Digest signature{};
  std::uint32_t deliveries = 0;
  std::uint32_t reason = 0;  // A number of tuco.events.v1.ParkReason.
  Timestamp parked_at;
  // Whether it is to be delivered again, with `deliveries` counted anew; it
  // stays here until it is settled.
  bool replaying = false;

  friend bool operator==(const ParkedEvent&, const ParkedEvent&) = default;
};

// What becomes of an event that is parked; its copy stays.
struct ParkedUpdate {
  std::uint64_t sequence = 0;
  std::uint32_t deliveries = 0;
  bool replaying = false;
};

// What becomes of one subscription, all of it or nothing. Names and ids are
// unique by the care of whoever creates subscriptions.
struct SubscriptionChange {
  std::uint64_t id = 0;
  bool create = false;
  // The row as it is from now on; nothing: as it was. Its id is `id`.
  std::optional<SubscriptionRow> row;
  // Goes with all that belongs to it; nothing else of the change counts.
  bool remove = false;
  // Forgets every unsettled event first.
  bool clear_unsettled = false;
  std::vector<UnsettledEvent> unsettled;  // Replaces those that are there.
  std::vector<std::uint64_t> settled;     // No longer unsettled; none is right.
  std::vector<ParkedEvent> parked;        // Replaces those that are there.
  std::vector<ParkedUpdate> parked_updates;  // One that is not there: nothing.
  std::vector<std::uint64_t> unparked;       // No longer parked; none is right.
};

// A subscription with what it has not settled, in the order of the sequences.
struct StoredSubscription {
  SubscriptionRow row;
  std::vector<UnsettledEvent> unsettled;
  std::uint64_t parked = 0;  // How many it has parked, replaying ones included.

  friend bool operator==(const StoredSubscription&,
                         const StoredSubscription&) = default;
};

// One bounded look at what a subscription has parked.
struct ParkedRequest {
  std::uint64_t id = 0;     // Of the subscription.
  std::uint64_t after = 0;  // The sequence behind which to begin.
  std::size_t events_max = 256;
  bool bodies = false;
};
using SubscriptionVisitor = std::function<void(const StoredSubscription&)>;
using ParkedVisitor = std::function<void(const ParkedEvent&)>;

}  // namespace tuco::log

#endif  // TUCO_SERVER_LOG_SUBSCRIPTION_H_

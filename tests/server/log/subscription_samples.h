// Subscriptions for tests of the log.

#ifndef TUCO_TESTS_SERVER_LOG_SUBSCRIPTION_SAMPLES_H_
#define TUCO_TESTS_SERVER_LOG_SUBSCRIPTION_SAMPLES_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "gtest/gtest.h"
#include "server/log/event_log.h"
#include "server/log/subscription.h"

namespace tuco::log {

// A row with something in every field; another one for each `id`.
inline SubscriptionRow SampleSubscription(std::uint64_t id) {
  const std::string text = std::to_string(id);
  return {
      .name = "subscription " + text,
      .id = id,
      .settings = std::string("settings\0", 9) + text,
      .through = 10 * id,
      .created_at = Timestamp(std::chrono::seconds(1'776'254'400)),
      .active_at = Timestamp(std::chrono::seconds(1'776'254'500 + id % 1'000))};
}

// Every other one has to wait for a while.
inline UnsettledEvent SampleUnsettled(std::uint64_t sequence,
                                      std::uint32_t deliveries = 1) {
  UnsettledEvent event{
      .sequence = sequence, .deliveries = deliveries, .retry_at = {}};
  if (sequence % 2 == 0) {
    event.retry_at =
        Timestamp(std::chrono::seconds(1'776'254'600 + sequence % 1'000));
  }
  return event;
}

// One with something in every field.
inline ParkedEvent SampleParked(std::uint64_t sequence) {
  const std::string text = std::to_string(sequence);
  ParkedEvent event;
  event.sequence = sequence;
  event.epoch = 1;
  event.recorded_at = Timestamp(std::chrono::microseconds(1'776'254'400'000));
  event.suspected_duplicate_of = sequence - 1;
  event.lead_id = "lead " + text;
  event.phone = "+15550" + text;
  event.event = std::string("event\0", 6) + text;
  event.body = "{\"body\":" + text + "}";
  event.signature.fill(static_cast<std::uint8_t>(sequence));
  event.deliveries = 20;
  event.reason = 3;
  event.parked_at = Timestamp(std::chrono::seconds(1'776'254'700));
  event.replaying = sequence % 2 == 0;
  return event;
}

// What makes sample subscription `id`.
inline SubscriptionChange SampleCreation(std::uint64_t id) {
  SubscriptionChange change;
  change.id = id;
  change.create = true;
  change.row = SampleSubscription(id);
  return change;
}

// What creates it, with these events.
inline SubscriptionChange SampleCreation(std::uint64_t id,
                                         std::vector<UnsettledEvent> unsettled,
                                         std::vector<ParkedEvent> parked = {}) {
  SubscriptionChange change = SampleCreation(id);
  change.unsettled = std::move(unsettled);
  change.parked = std::move(parked);
  return change;
}

inline SubscriptionChange ChangeOf(std::uint64_t id) {
  SubscriptionChange change;
  change.id = id;
  return change;
}

// In one commit, in their order, with `records`.
inline absl::Status Commit(EventLog& log,
                           const std::vector<SubscriptionChange>& changes,
                           std::vector<Record>& records) {
  std::vector<const SubscriptionChange*> pointers;
  pointers.reserve(changes.size());
  for (const SubscriptionChange& change : changes) pointers.push_back(&change);
  std::vector<Record*> record_pointers;
  record_pointers.reserve(records.size());
  for (Record& record : records) record_pointers.push_back(&record);
  return log.Commit({.records = record_pointers,
                     .quarantined = {},
                     .updates = {},
                     .evicted = {},
                     .subscriptions = pointers});
}
// Alone.
inline absl::Status Commit(EventLog& log,
                           const std::vector<SubscriptionChange>& changes) {
  std::vector<Record> none;
  return Commit(log, changes, none);
}

// What one read yields.
struct SubscriptionsRead {
  absl::Status status;
  std::vector<StoredSubscription> subscriptions;
};
inline SubscriptionsRead ReadSubscriptions(EventLog& log) {
  SubscriptionsRead read;
  read.status =
      log.ReadSubscriptions([&read](const StoredSubscription& stored) {
        read.subscriptions.push_back(stored);
      });
  return read;
}

// All of them, which must be whole.
inline std::vector<StoredSubscription> SubscriptionsIn(EventLog& log) {
  SubscriptionsRead read = ReadSubscriptions(log);
  EXPECT_TRUE(read.status.ok()) << read.status;
  return std::move(read.subscriptions);
}

// One page of what a subscription has parked.
struct ParkedRead {
  absl::StatusOr<std::uint64_t> last;
  std::vector<ParkedEvent> events;
};
inline ParkedRead ReadParked(EventLog& log, const ParkedRequest& request) {
  std::vector<ParkedEvent> events;
  auto last = log.ReadParked(request, [&events](const ParkedEvent& event) {
    events.push_back(event);
  });
  return {std::move(last), std::move(events)};
}

// All of it with the bodies, which must be whole.
inline std::vector<ParkedEvent> ParkedIn(EventLog& log, std::uint64_t id) {
  ParkedRead read = ReadParked(
      log, {.id = id, .after = 0, .events_max = SIZE_MAX, .bodies = true});
  EXPECT_TRUE(read.last.ok()) << read.last.status();
  return std::move(read.events);
}

}  // namespace tuco::log

#endif  // TUCO_TESTS_SERVER_LOG_SUBSCRIPTION_SAMPLES_H_

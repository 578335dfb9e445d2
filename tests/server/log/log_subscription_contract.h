// What every backend of the event log must do with subscriptions, in the suite
// of event_log_contract.h.

#ifndef TUCO_TESTS_SERVER_LOG_LOG_SUBSCRIPTION_CONTRACT_H_
#define TUCO_TESTS_SERVER_LOG_LOG_SUBSCRIPTION_CONTRACT_H_

#include <array>
#include <chrono>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/log/subscription.h"
#include "tests/server/log/event_log_contract.h"
#include "tests/server/log/sample_records.h"
#include "tests/server/log/subscription_samples.h"

namespace tuco::log {

class SubscriptionContract : public EventLogContract {
 protected:
  void Commit(const std::vector<SubscriptionChange>& changes) {
    const absl::Status status = log::Commit(*log_, changes);
    ASSERT_TRUE(status.ok()) << status;
    log_->AfterAppend();
  }
  // Opened again where the backend outlives that.
  std::vector<StoredSubscription> Subscriptions() {
    Reopen();
    return SubscriptionsIn(*log_);
  }
  std::vector<ParkedEvent> Parked(std::uint64_t id) {
    Reopen();
    return ParkedIn(*log_, id);
  }

 private:
  void Reopen() {
    if (!GetParam().durable) return;
    log_.reset();
    log_ = GetParam().open(directory_ / "log", clock_);
  }
};

using ::testing::FieldsAre;

TEST_P(SubscriptionContract, HasNoneAtFirst) {
  EXPECT_THAT(Subscriptions(), IsEmpty());
  EXPECT_THAT(Parked(1), IsEmpty());
}

TEST_P(SubscriptionContract, ReadsBackWhatWasCreatedInTheOrderOfTheNames) {
  SubscriptionChange other = SampleCreation(2);
  other.row->name = "a name before";
  other.row->settings = "";
  Commit({SampleCreation(1, {SampleUnsettled(7), SampleUnsettled(4)},
                         {SampleParked(3)}),
          other});
  EXPECT_THAT(
      Subscriptions(),
      ElementsAre(
          FieldsAre(*other.row, IsEmpty(), 0u),
          FieldsAre(SampleSubscription(1),
                    ElementsAre(SampleUnsettled(4), SampleUnsettled(7)), 1u)));
  EXPECT_THAT(Parked(1), ElementsAre(SampleParked(3)));
  EXPECT_EQ(log_->bounds().head, 0u);
}

TEST_P(SubscriptionContract, KeepsEveryByteAndEveryNumber) {
  std::string bytes;
  for (int byte = 0; byte < 256; ++byte) {
    bytes.push_back(static_cast<char>(byte));
  }
  constexpr std::uint64_t kLargest = std::numeric_limits<std::int64_t>::max();
  SubscriptionChange change = SampleCreation(kLargest);
  change.row->name = change.row->settings = bytes;
  change.row->through = kLargest;
  change.row->created_at = Timestamp(std::chrono::microseconds(-1));
  change.unsettled = {{.sequence = kLargest,
                       .deliveries = std::numeric_limits<std::uint32_t>::max(),
                       .retry_at = Timestamp()}};
  ParkedEvent event = SampleParked(kLargest);
  event.lead_id = event.phone = event.event = bytes;
  event.body.assign(300'000, 'x');
  event.reason = event.deliveries = std::numeric_limits<std::uint32_t>::max();
  ParkedEvent empty;
  empty.sequence = 1;
  change.parked = {event, empty};
  Commit({change});
  EXPECT_THAT(Subscriptions(),
              ElementsAre(FieldsAre(*change.row, change.unsettled, 2u)));
  EXPECT_THAT(Parked(kLargest), ElementsAre(empty, event));
}

TEST_P(SubscriptionContract, RowChangesAndWhatElseItHasStays) {
  Commit({SampleCreation(1, {SampleUnsettled(4)}, {SampleParked(3)})});
  SubscriptionChange change = ChangeOf(1);
  change.row = SampleSubscription(1);
  change.row->name = "another name";
  change.row->through = 99;
  change.row->active_at += std::chrono::hours(1);
  Commit({change});
  EXPECT_THAT(
      Subscriptions(),
      ElementsAre(FieldsAre(*change.row, ElementsAre(SampleUnsettled(4)), 1u)));
  EXPECT_THAT(Parked(1), ElementsAre(SampleParked(3)));
}

TEST_P(SubscriptionContract, UnsettledEventsAreReplacedAndSettled) {
  Commit({SampleCreation(
      1, {SampleUnsettled(4), SampleUnsettled(5), SampleUnsettled(6)})});
  SubscriptionChange change = ChangeOf(1);
  change.unsettled = {SampleUnsettled(5, 2), SampleUnsettled(9)};
  change.settled = {4, 77};
  Commit({change});
  EXPECT_THAT(
      Subscriptions(),
      ElementsAre(FieldsAre(SampleSubscription(1),
                            ElementsAre(SampleUnsettled(5, 2),
                                        SampleUnsettled(6), SampleUnsettled(9)),
                            0u)));
}

TEST_P(SubscriptionContract, ChangeIsMadeInTheOrderOfItsParts) {
  Commit({SampleCreation(1, {SampleUnsettled(4)}, {SampleParked(4)})});
  SubscriptionChange change = ChangeOf(1);
  change.clear_unsettled = true;
  change.unsettled = {SampleUnsettled(5), SampleUnsettled(6),
                      SampleUnsettled(6, 9)};
  change.settled = {5, 5};
  change.parked = {SampleParked(8), SampleParked(9)};
  change.unparked = {8, 8, 4};
  Commit({change});
  EXPECT_THAT(Subscriptions(),
              ElementsAre(FieldsAre(SampleSubscription(1),
                                    ElementsAre(SampleUnsettled(6, 9)), 1u)));
  EXPECT_THAT(Parked(1), ElementsAre(SampleParked(9)));
}

TEST_P(SubscriptionContract, ForgetsEveryUnsettledEventOfThatOneAlone) {
  Commit({SampleCreation(1, {SampleUnsettled(4)}),
          SampleCreation(2, {SampleUnsettled(4)})});
  SubscriptionChange change = ChangeOf(1);
  change.clear_unsettled = true;
  Commit({change});
  EXPECT_THAT(Subscriptions(),
              ElementsAre(FieldsAre(SampleSubscription(1), IsEmpty(), 0u),
                          FieldsAre(SampleSubscription(2), SizeIs(1), 0u)));
}

TEST_P(SubscriptionContract, ParkedEventsAreReplacedAndUnparked) {
  Commit({SampleCreation(1, {}, {SampleParked(3), SampleParked(4)})});
  SubscriptionChange change = ChangeOf(1);
  ParkedEvent replaying = SampleParked(3);
  replaying.replaying = true;
  replaying.deliveries = 1;
  change.parked = {replaying, SampleParked(5)};
  change.unparked = {4, 77};
  Commit({change});
  EXPECT_THAT(Parked(1), ElementsAre(replaying, SampleParked(5)));
  EXPECT_THAT(Subscriptions(),
              ElementsAre(FieldsAre(SampleSubscription(1), IsEmpty(), 2u)));
}

TEST_P(SubscriptionContract, ReadsWhatIsParkedPageByPage) {
  std::vector<ParkedEvent> events;
  for (std::uint64_t at = 1; at <= 5; ++at) events.push_back(SampleParked(at));
  Commit({SampleCreation(1, {}, events), SampleCreation(2, {}, events)});
  const ParkedRead first =
      ReadParked(*log_, {.id = 1, .after = 0, .events_max = 2, .bodies = true});
  EXPECT_EQ(first.last.value(), 2u);
  EXPECT_THAT(first.events, ElementsAre(events[0], events[1]));
  for (ParkedEvent& event : events) event.body.clear();
  const ParkedRead second = ReadParked(*log_, {.id = 1, .after = 2});
  EXPECT_EQ(second.last.value(), 5u);
  EXPECT_THAT(second.events, ElementsAre(events[2], events[3], events[4]));
  for (const std::uint64_t id : {1, 3}) {
    const ParkedRead end = ReadParked(*log_, {.id = id, .after = 5});
    EXPECT_EQ(end.last.value(), 5u);
    EXPECT_THAT(end.events, IsEmpty());
  }
}

TEST_P(SubscriptionContract, RemovedOneGoesWithAllThatBelongsToIt) {
  Commit({SampleCreation(1, {SampleUnsettled(4)}, {SampleParked(3)}),
          SampleCreation(2, {SampleUnsettled(4)}, {SampleParked(3)})});
  SubscriptionChange change = ChangeOf(1);
  change.remove = true;
  change.row = SampleSubscription(1);  // Does not count.
  change.unsettled = {SampleUnsettled(9)};
  change.parked = {SampleParked(9)};
  Commit({change, change});
  EXPECT_THAT(Subscriptions(),
              ElementsAre(FieldsAre(SampleSubscription(2), SizeIs(1), 1u)));
  EXPECT_THAT(Parked(1), IsEmpty());
  EXPECT_THAT(Parked(2), SizeIs(1));
}

TEST_P(SubscriptionContract, ChangeOfOneThatIsGoneChangesNothing) {
  Commit({SampleCreation(1)});
  SubscriptionChange removal = ChangeOf(1);
  removal.remove = true;
  SubscriptionChange late = ChangeOf(1);
  late.row = SampleSubscription(1);
  late.unsettled = {SampleUnsettled(9)};
  late.parked = {SampleParked(9)};
  SubscriptionChange without_row = ChangeOf(3);
  without_row.create = true;
  Commit({removal, late, without_row});
  Commit({late});
  EXPECT_THAT(Subscriptions(), IsEmpty());
  EXPECT_THAT(Parked(1), IsEmpty());
  // Nor does the next one of that name inherit it.
  SubscriptionChange next = SampleCreation(2);
  next.row->name = SampleSubscription(1).name;
  Commit({next});
  EXPECT_THAT(Subscriptions(),
              ElementsAre(FieldsAre(*next.row, IsEmpty(), 0u)));
}

TEST_P(SubscriptionContract, ChangesAreCommittedInTheirOrderWithRecords) {
  std::vector<Record> records = {SampleRecord(1), SampleRecord(2)};
  const std::array<Record*, 2> pointers = {&records[0], &records[1]};
  const SubscriptionChange creation = SampleCreation(1);
  SubscriptionChange first = ChangeOf(1);
  first.unsettled = {SampleUnsettled(1), SampleUnsettled(2)};
  SubscriptionChange second = ChangeOf(1);
  second.row = SampleSubscription(1);
  second.row->through = 2;
  second.settled = {2};
  const std::array<const SubscriptionChange*, 3> changes = {&creation, &first,
                                                            &second};
  Batch batch{
      .records = pointers, .quarantined = {}, .updates = {}, .evicted = {}};
  batch.subscriptions = changes;
  ASSERT_TRUE(log_->Commit(batch).ok());
  EXPECT_THAT(
      Subscriptions(),
      ElementsAre(FieldsAre(*second.row, ElementsAre(SampleUnsettled(1)), 0u)));
  EXPECT_THAT(ReadAll(*log_).sequences(), ElementsAre(1, 2));
}

TEST_P(SubscriptionContract, KeepsTenThousandUnsettledEvents) {
  constexpr std::uint64_t kEvents = 10'000;
  SubscriptionChange change = SampleCreation(1);
  SubscriptionChange settling = ChangeOf(1);
  // Not in the order of the sequences.
  for (std::uint64_t i = 0; i < kEvents; ++i) {
    change.unsettled.push_back(SampleUnsettled(1 + i * 7'919 % kEvents));
    if (i % 2 == 0) settling.settled.push_back(1 + i);
  }
  Commit({change});
  std::vector<StoredSubscription> found = Subscriptions();
  ASSERT_THAT(found, SizeIs(1));
  ASSERT_THAT(found[0].unsettled, SizeIs(kEvents));
  for (std::uint64_t i = 0; i < kEvents; ++i) {
    ASSERT_EQ(found[0].unsettled[i], SampleUnsettled(i + 1));
  }
  Commit({settling});
  found = Subscriptions();
  ASSERT_THAT(found, SizeIs(1));
  EXPECT_THAT(found[0].unsettled, SizeIs(kEvents / 2));
  EXPECT_EQ(found[0].unsettled[0], SampleUnsettled(2));
}

TEST_P(SubscriptionContract, OutlivesTheRecordsThatItIsAbout) {
  AppendOk(1, 5);
  Commit({SampleCreation(1, {SampleUnsettled(1)}, {SampleParked(2)})});
  ASSERT_TRUE(log_->RemoveOldest({.bytes_max = 0}).ok());
  EXPECT_THAT(Subscriptions(),
              ElementsAre(FieldsAre(SampleSubscription(1), SizeIs(1), 1u)));
  EXPECT_THAT(Parked(1), ElementsAre(SampleParked(2)));
}

}  // namespace tuco::log

#endif  // TUCO_TESTS_SERVER_LOG_LOG_SUBSCRIPTION_CONTRACT_H_

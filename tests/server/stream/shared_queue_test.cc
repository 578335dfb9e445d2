#include "server/stream/shared_queue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace tuco::stream {
namespace {

using std::chrono::hours;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Kind = Verdict::Kind;

class SharedQueueTest : public ::testing::Test {
 protected:
  SharedQueueTest() { settings_.mode = SubscriptionMode::kShared; }

  // Delivers whatever is ready to `consumer`, in order.
  std::vector<std::uint64_t> DeliverAll(SharedQueue& queue,
                                        ConsumerId consumer) {
    std::vector<std::uint64_t> delivered;
    while (const auto sequence = queue.ready()) {
      if (!queue.HasRoom(consumer, 100)) break;
      attempt_ = queue.Deliver(*sequence, consumer, 100, now_);
      delivered.push_back(*sequence);
    }
    return delivered;
  }

  Outcome Judge(SharedQueue& queue, ConsumerId consumer, std::uint64_t sequence,
                Kind kind, std::optional<Instant> after = std::nullopt) {
    return queue.Judge(consumer,
                       {.sequence = sequence, .kind = kind, .after = after},
                       now_, durable_);
  }

  void Pass(Instant time, SharedQueue& queue) {
    now_ += time;
    queue.Expire(now_);
  }

  SubscriptionSettings settings_;
  Instant now_{hours(1)};
  std::uint32_t attempt_ = 0;
  bool durable_ = false;
};

TEST_F(SharedQueueTest, DeliversInOrderAndSettlesWhatIsAcked) {
  SharedQueue queue(settings_, 10);
  const ConsumerId consumer = queue.Join({});
  queue.Add(11, "");
  queue.Add(13, "");
  EXPECT_THAT(DeliverAll(queue, consumer), ElementsAre(11, 13));
  EXPECT_EQ(Judge(queue, consumer, 11, Kind::kAck), Outcome::kApplied);
  EXPECT_TRUE(durable_);
  EXPECT_EQ(Judge(queue, consumer, 13, Kind::kSkip), Outcome::kApplied);
  queue.Scanned(20);
  const QueueChange change = queue.Take();
  EXPECT_EQ(change.through, 20U);
  EXPECT_THAT(change.unsettled, IsEmpty());
  EXPECT_FALSE(queue.changed());
}

TEST_F(SharedQueueTest, KeepsWhatAnAckOvertakes) {
  SharedQueue queue(settings_, 0);
  const ConsumerId consumer = queue.Join({});
  for (std::uint64_t i = 1; i <= 3; ++i) queue.Add(i, "");
  DeliverAll(queue, consumer);
  Judge(queue, consumer, 2, Kind::kAck);
  QueueChange change = queue.Take();
  EXPECT_EQ(change.through, 2U);
  ASSERT_EQ(change.unsettled.size(), 1U);
  EXPECT_EQ(change.unsettled[0].sequence, 1U);
  EXPECT_EQ(change.unsettled[0].deliveries, 1U);
  Judge(queue, consumer, 1, Kind::kAck);
  change = queue.Take();
  EXPECT_EQ(change.through, 2U);
  EXPECT_THAT(change.settled, ElementsAre(1));
}

TEST_F(SharedQueueTest, TakesBackWhatIsNotJudgedInTime) {
  SharedQueue queue(settings_, 0);
  const ConsumerId consumer = queue.Join({});
  queue.Add(1, "");
  DeliverAll(queue, consumer);
  Pass(seconds(30), queue);
  EXPECT_THAT(DeliverAll(queue, consumer), IsEmpty());
  Pass(seconds(1), queue);  // The backoff.
  EXPECT_THAT(DeliverAll(queue, consumer), ElementsAre(1));
  EXPECT_EQ(attempt_, 2U);
}

TEST_F(SharedQueueTest, ExtendsADeadline) {
  SharedQueue queue(settings_, 0);
  const ConsumerId consumer = queue.Join({});
  queue.Add(1, "");
  DeliverAll(queue, consumer);
  Pass(seconds(29), queue);
  EXPECT_EQ(Judge(queue, consumer, 1, Kind::kExtend, seconds(100)),
            Outcome::kApplied);
  EXPECT_FALSE(durable_);
  Pass(seconds(99), queue);
  EXPECT_EQ(queue.outstanding(), 1U);
  Pass(seconds(1), queue);
  EXPECT_EQ(queue.outstanding(), 0U);
}

TEST_F(SharedQueueTest, WaitsTwiceAsLongAfterEachFailure) {
  SharedQueue queue(settings_, 0);
  const ConsumerId consumer = queue.Join({});
  queue.Add(1, "");
  for (const int wait : {1, 2, 4, 8}) {
    DeliverAll(queue, consumer);
    Judge(queue, consumer, 1, Kind::kRetry);
    Pass(seconds(wait) - Instant(1), queue);
    EXPECT_FALSE(queue.ready().has_value()) << wait;
    Pass(Instant(1), queue);
    EXPECT_TRUE(queue.ready().has_value()) << wait;
  }
}

TEST_F(SharedQueueTest, ParksAfterTheLastDelivery) {
  settings_.deliveries_max = 2;
  SharedQueue queue(settings_, 0);
  queue.AllowParking(10);
  const ConsumerId consumer = queue.Join({});
  queue.Add(1, "");
  for (int i = 0; i < 2; ++i) {
    DeliverAll(queue, consumer);
    Judge(queue, consumer, 1, Kind::kRetry, Instant(0));
    Pass(Instant(0), queue);
  }
  const QueueChange change = queue.Take();
  ASSERT_EQ(change.parked.size(), 1U);
  EXPECT_EQ(change.parked[0].sequence, 1U);
  EXPECT_EQ(change.parked[0].deliveries, 2U);
  EXPECT_EQ(change.parked[0].reason, ParkReason::kMaxDeliveries);
  EXPECT_EQ(Judge(queue, consumer, 1, Kind::kAck), Outcome::kSettled);
}

TEST_F(SharedQueueTest, WaitsWhereNothingMoreCanBeParked) {
  SharedQueue queue(settings_, 0);
  queue.AllowParking(0);
  const ConsumerId consumer = queue.Join({});
  queue.Add(1, "");
  DeliverAll(queue, consumer);
  Judge(queue, consumer, 1, Kind::kPark);
  EXPECT_THAT(queue.Take().parked, IsEmpty());
  EXPECT_EQ(queue.waiting(), 1U);
  Pass(settings_.backoff_max, queue);
  EXPECT_THAT(DeliverAll(queue, consumer), ElementsAre(1));
}

TEST_F(SharedQueueTest, ALateAckCountsUnlessTheEventWasHandedOn) {
  SharedQueue queue(settings_, 0);
  const ConsumerId slow = queue.Join({});
  const ConsumerId quick = queue.Join({});
  queue.Add(1, "");
  queue.Add(2, "");
  DeliverAll(queue, slow);
  Pass(seconds(30), queue);
  EXPECT_EQ(Judge(queue, slow, 1, Kind::kAck), Outcome::kApplied);
  EXPECT_TRUE(durable_);
  Pass(seconds(1), queue);
  EXPECT_THAT(DeliverAll(queue, quick), ElementsAre(2));
  EXPECT_EQ(Judge(queue, slow, 2, Kind::kAck), Outcome::kHandedOn);
  EXPECT_EQ(Judge(queue, quick, 2, Kind::kAck), Outcome::kApplied);
  EXPECT_EQ(Judge(queue, slow, 2, Kind::kAck), Outcome::kSettled);
  EXPECT_FALSE(durable_);
}

TEST_F(SharedQueueTest, RefusesVerdictsOfWhatWasNotDelivered) {
  SharedQueue queue(settings_, 0);
  const ConsumerId consumer = queue.Join({});
  queue.Add(1, "");
  EXPECT_EQ(Judge(queue, consumer, 1, Kind::kAck), Outcome::kNotDelivered);
  EXPECT_EQ(Judge(queue, consumer, 7, Kind::kAck), Outcome::kNotDelivered);
  EXPECT_EQ(Judge(queue, consumer, UINT64_MAX, Kind::kPark),
            Outcome::kNotDelivered);
  EXPECT_THAT(DeliverAll(queue, consumer), ElementsAre(1));
}

TEST_F(SharedQueueTest, GivesAtMostOneEventOfAKeyAtATime) {
  settings_.ordering_key = OrderingKey::kLead;
  SharedQueue queue(settings_, 0);
  queue.AllowParking(10);
  const ConsumerId a = queue.Join({});
  const ConsumerId b = queue.Join({});
  queue.Add(1, "x");
  queue.Add(2, "x");
  queue.Add(3, "y");
  queue.Add(4, "x");
  EXPECT_THAT(DeliverAll(queue, a), ElementsAre(1, 3));
  EXPECT_THAT(DeliverAll(queue, b), IsEmpty());
  // A retry holds back its key, and its key only.
  Judge(queue, a, 1, Kind::kRetry, seconds(10));
  Judge(queue, a, 3, Kind::kAck);
  EXPECT_THAT(DeliverAll(queue, b), IsEmpty());
  Pass(seconds(10), queue);
  EXPECT_THAT(DeliverAll(queue, b), ElementsAre(1));
  Judge(queue, b, 1, Kind::kPark);
  EXPECT_THAT(DeliverAll(queue, b), ElementsAre(2));
  Judge(queue, b, 2, Kind::kSkip);
  EXPECT_THAT(DeliverAll(queue, a), ElementsAre(4));
}

TEST_F(SharedQueueTest, AConsumerThatIsGoneGivesBackWhatItHeld) {
  SharedQueue queue(settings_, 0);
  const ConsumerId a = queue.Join({});
  const ConsumerId b = queue.Join({});
  queue.Add(1, "");
  DeliverAll(queue, a);
  queue.Leave(a, /*untouched=*/false, now_);
  EXPECT_THAT(DeliverAll(queue, b), ElementsAre(1));
  EXPECT_EQ(attempt_, 2U);
  queue.Leave(b, /*untouched=*/true, now_);
  const ConsumerId c = queue.Join({});
  EXPECT_THAT(DeliverAll(queue, c), ElementsAre(1));
  EXPECT_EQ(attempt_, 2U);
}

TEST_F(SharedQueueTest, KeepsWithinWhatAConsumerCanHold) {
  SharedQueue queue(settings_, 0);
  const ConsumerId few = queue.Join({.events_max = 2});
  const ConsumerId small = queue.Join({.bytes_max = 150});
  const ConsumerId tiny = queue.Join({.bytes_max = 1});
  for (std::uint64_t i = 1; i <= 9; ++i) queue.Add(i, "");
  EXPECT_THAT(DeliverAll(queue, few), ElementsAre(1, 2));
  EXPECT_THAT(DeliverAll(queue, small), ElementsAre(3));
  // An event that is too large for a consumer still comes to it, alone.
  EXPECT_THAT(DeliverAll(queue, tiny), ElementsAre(4));
}

TEST_F(SharedQueueTest, GoesOnWithWhatTheLogKept) {
  SharedQueue queue(settings_, 5);
  queue.Restore({.sequence = 3, .key = {}, .deliveries = 4});
  queue.Restore({.sequence = 8, .key = {}, .deliveries = 2});
  const ConsumerId consumer = queue.Join({});
  EXPECT_THAT(DeliverAll(queue, consumer), ElementsAre(3));
  EXPECT_EQ(attempt_, 5U);
  EXPECT_EQ(queue.scanned(), 5U);
  queue.Add(8, "");
  EXPECT_THAT(DeliverAll(queue, consumer), ElementsAre(8));
  EXPECT_EQ(attempt_, 3U);
  Judge(queue, consumer, 3, Kind::kAck);
  Judge(queue, consumer, 8, Kind::kAck);
  const QueueChange change = queue.Take();
  EXPECT_EQ(change.through, 8U);
  EXPECT_THAT(change.settled, ElementsAre(3, 8));
}

TEST_F(SharedQueueTest, ForgetsTheHistoryOfWhatMatchesNoMore) {
  SharedQueue queue(settings_, 5);
  queue.Restore({.sequence = 8, .key = {}, .deliveries = 2});
  queue.Scanned(20);
  EXPECT_THAT(queue.Take().settled, ElementsAre(8));
}

TEST_F(SharedQueueTest, ReplaysACopyUntilItIsSettled) {
  SharedQueue queue(settings_, 5);
  queue.Restore({.sequence = 2, .key = {}, .copy = true});
  const ConsumerId consumer = queue.Join({});
  EXPECT_TRUE(queue.is_copy(2));
  EXPECT_THAT(DeliverAll(queue, consumer), ElementsAre(2));
  Judge(queue, consumer, 2, Kind::kRetry, Instant(0));
  QueueChange change = queue.Take();
  ASSERT_EQ(change.copies.size(), 1U);
  EXPECT_EQ(change.copies[0].deliveries, 1U);
  EXPECT_THAT(change.unsettled, IsEmpty());
  Pass(Instant(0), queue);
  DeliverAll(queue, consumer);
  Judge(queue, consumer, 2, Kind::kAck);
  change = queue.Take();
  EXPECT_THAT(change.unparked, ElementsAre(2));
  EXPECT_EQ(change.through, 5U);
}

TEST_F(SharedQueueTest, SeeksAndTakesNoVerdictOfBefore) {
  SharedQueue queue(settings_, 0);
  const ConsumerId consumer = queue.Join({});
  for (std::uint64_t i = 1; i <= 3; ++i) queue.Add(i, "");
  DeliverAll(queue, consumer);
  queue.Seek(1);
  EXPECT_EQ(queue.outstanding(), 0U);
  EXPECT_EQ(Judge(queue, consumer, 3, Kind::kAck), Outcome::kHandedOn);
  EXPECT_EQ(Judge(queue, consumer, 1, Kind::kAck), Outcome::kSettled);
  queue.Add(2, "");
  EXPECT_EQ(Judge(queue, consumer, 2, Kind::kAck), Outcome::kHandedOn);
  EXPECT_THAT(DeliverAll(queue, consumer), ElementsAre(2));
  EXPECT_EQ(attempt_, 1U);
}

TEST_F(SharedQueueTest, LooksAgainForWhatNobodyHasSeen) {
  SharedQueue queue(settings_, 0);
  const ConsumerId consumer = queue.Join({.events_max = 2});
  for (std::uint64_t i = 1; i <= 5; ++i) queue.Add(i, "");
  DeliverAll(queue, consumer);
  queue.Rewind();
  EXPECT_EQ(queue.scanned(), 2U);
  EXPECT_FALSE(queue.ready().has_value());
  queue.Add(4, "");
  EXPECT_EQ(queue.ready(), 4U);
}

TEST_F(SharedQueueTest, LooksForNoMoreThanItCanKeep) {
  settings_.ordering_key = OrderingKey::kPhone;
  SharedQueue queue(settings_, 0);
  std::uint64_t sequence = 0;
  while (queue.wants_more() && sequence < 20'000) queue.Add(++sequence, "one");
  EXPECT_EQ(sequence, 10'000U);
}

}  // namespace
}  // namespace tuco::stream

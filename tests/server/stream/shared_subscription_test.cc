// SHARED subscriptions, from a consumer's verdict to what the log has of it.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "tests/server/stream/subscription_fixture.h"

namespace tuco::stream {
namespace {

namespace pb = events::v1;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using Kind = Verdict::Kind;

class SharedSubscriptionTest : public testing::SubscriptionTest {
 protected:
  void CreateShared() { Create("work", SubscriptionMode::kShared); }
};

TEST_F(SharedSubscriptionTest, DeliversWhatIsThereAndWhatComes) {
  Append(3);
  CreateShared();
  const auto consumer = Consume("work");
  EXPECT_THAT(Take(*consumer, 3), ElementsAre(1, 2, 3));
  Answer live = Ask(*consumer);
  Append(1);
  const pb::ConsumeResponse response = Parse(Await(std::move(live)));
  ASSERT_THAT(response.deliveries(), SizeIs(1));
  EXPECT_EQ(response.deliveries(0).event().sequence(), 4U);
  EXPECT_EQ(response.deliveries(0).event().type_name(), "message.sent");
  EXPECT_EQ(response.deliveries(0).attempt(), 1U);
  EXPECT_FALSE(response.deliveries(0).event().has_body());
}

TEST_F(SharedSubscriptionTest, DeliversBodiesToWhoeverWantsThem) {
  Append(2);
  CreateShared();
  const auto plain = Consume("work", {.events_max = 1});
  EXPECT_FALSE(Next(*plain).deliveries(0).event().has_body());
  const auto full = Consume("work", {.include_body = true});
  EXPECT_EQ(Next(*full).deliveries(0).event().body(), "body 2");
}

TEST_F(SharedSubscriptionTest, ConfirmedAcksAreThereAfterARestart) {
  Append(3);
  CreateShared();
  auto consumer = Consume("work");
  Take(*consumer, 3);
  EXPECT_EQ(Settle(*consumer, {.sequence = 2}), pb::VERDICT_OUTCOME_APPLIED);
  consumer.reset();
  Restart();
  consumer = Consume("work");
  EXPECT_THAT(Take(*consumer, 2), ElementsAre(1, 3));
}

TEST_F(SharedSubscriptionTest, CountsAttemptsOverARestart) {
  Append(1);
  CreateShared();
  auto consumer = Consume("work");
  Take(*consumer, 1);
  Settle(*consumer,
         {.sequence = 1, .kind = Kind::kRetry, .after = seconds(10)});
  consumer.reset();
  Restart();
  consumer = Consume("work");
  Answer again = Ask(*consumer);
  Pass(seconds(10));
  const pb::ConsumeResponse response =
      NextDeliveries(*consumer, std::move(again));
  ASSERT_THAT(response.deliveries(), SizeIs(1));
  EXPECT_EQ(response.deliveries(0).attempt(), 2U);
}

TEST_F(SharedSubscriptionTest, TwoConsumersShareTheWork) {
  CreateShared();
  const auto a = Consume("work");
  const auto b = Consume("work");
  Answer first = Ask(*a);
  Answer second = Ask(*b);
  // One who asks gets what is there; the other one what comes next.
  Append(2);
  const pb::ConsumeResponse one = Parse(Await(std::move(first)));
  const pb::ConsumeResponse two = Parse(Await(std::move(second)));
  ASSERT_THAT(one.deliveries(), SizeIs(1));
  ASSERT_THAT(two.deliveries(), SizeIs(1));
  EXPECT_EQ(one.deliveries(0).event().sequence() +
                two.deliveries(0).event().sequence(),
            3U);
}

TEST_F(SharedSubscriptionTest, WhatAConsumerHeldGoesToAnotherOne) {
  Append(2);
  CreateShared();
  auto a = Consume("work");
  Take(*a, 2);
  a.reset();
  const auto b = Consume("work");
  const pb::ConsumeResponse response = Next(*b);
  ASSERT_THAT(response.deliveries(), SizeIs(2));
  EXPECT_EQ(response.deliveries(0).attempt(), 2U);
}

TEST_F(SharedSubscriptionTest, AConsumerThatHasNoMoreToSayGetsItsResults) {
  Append(2);
  CreateShared();
  const auto a = Consume("work");
  Take(*a, 2);
  Judge(*a, {{.sequence = 1}});
  a->EndOfVerdicts();
  std::vector<std::uint64_t> results;
  absl::StatusOr<ConsumerFrame> frame;
  do {
    frame = Await(Ask(*a));
    const pb::ConsumeResponse response = Parse(frame);
    for (const auto& result : response.results()) {
      results.push_back(result.sequence());
    }
  } while (frame.ok() && !frame->end);
  EXPECT_THAT(results, ElementsAre(1));
  const auto b = Consume("work");
  const pb::ConsumeResponse rest = Next(*b);
  ASSERT_THAT(rest.deliveries(), SizeIs(1));
  EXPECT_EQ(rest.deliveries(0).event().sequence(), 2U);
  EXPECT_EQ(rest.deliveries(0).attempt(), 1U);
}

TEST_F(SharedSubscriptionTest, ParksAPoisonEventAndReplaysIt) {
  deliveries_max_ = 2;
  Append(2);
  CreateShared();
  const auto consumer = Consume("work", {.include_body = true});
  Take(*consumer, 2);
  Settle(*consumer, {.sequence = 2});
  const Verdict retry{.sequence = 1, .kind = Kind::kRetry, .after = seconds(1)};
  EXPECT_EQ(Settle(*consumer, retry), pb::VERDICT_OUTCOME_APPLIED);
  Pass(seconds(1));
  Take(*consumer, 1);
  EXPECT_EQ(Settle(*consumer, retry), pb::VERDICT_OUTCOME_APPLIED);
  const auto page = subscriptions_->ListParked("work", 0, 10, true);
  ASSERT_TRUE(page.ok()) << page.status();
  ASSERT_THAT(page->events, SizeIs(1));
  EXPECT_TRUE(page->end);
  EXPECT_EQ(page->events[0].sequence, 1U);
  EXPECT_EQ(page->events[0].body, "body 1");
  EXPECT_EQ(page->events[0].deliveries, 2U);
  EXPECT_EQ(page->events[0].reason, 1U);
  EXPECT_EQ(Info("work").settled_through, 2U);

  const std::uint64_t sequences[] = {1, 2};
  const auto replayed = subscriptions_->ReplayParked("work", sequences);
  ASSERT_TRUE(replayed.ok()) << replayed.status();
  EXPECT_EQ(replayed->count, 1U);
  EXPECT_THAT(replayed->not_parked, ElementsAre(2));
  const pb::ConsumeResponse response = Next(*consumer);
  ASSERT_THAT(response.deliveries(), SizeIs(1));
  EXPECT_EQ(response.deliveries(0).attempt(), 1U);
  EXPECT_EQ(response.deliveries(0).event().body(), "body 1");
  Settle(*consumer, {.sequence = 1});
  EXPECT_EQ(Info("work").parked, 0U);
  EXPECT_THAT(subscriptions_->ListParked("work", 0, 10, true)->events,
              IsEmpty());
}

TEST_F(SharedSubscriptionTest, AReplayGoesOnAfterARestart) {
  Append(1);
  CreateShared();
  auto consumer = Consume("work");
  Take(*consumer, 1);
  Settle(*consumer, {.sequence = 1, .kind = Kind::kPark});
  consumer.reset();
  Restart();
  ASSERT_EQ(subscriptions_->ReplayParked("work", {})->count, 1U);
  EXPECT_EQ(subscriptions_->ReplayParked("work", {})->count, 0U);
  Restart();
  consumer = Consume("work");
  EXPECT_THAT(Take(*consumer, 1), ElementsAre(1));
  Settle(*consumer, {.sequence = 1});
  EXPECT_EQ(Info("work").parked, 0U);
}

TEST_F(SharedSubscriptionTest, AnswersEveryReplayThoughOneOfThemIsDamaged) {
  Append(2);
  CreateShared();
  auto consumer = Consume("work");
  Take(*consumer, 2);
  Settle(*consumer, {.sequence = 1, .kind = Kind::kPark});
  Settle(*consumer, {.sequence = 2, .kind = Kind::kPark});
  log_->damaged = 2;
  // Both go with the change behind the one that is under way.
  log_->gate.lock();
  auto seek = BeginChange(
      [this] { return subscriptions_->Seek("work", Latest{}).ok(); });
  std::array<std::future<absl::StatusOr<Replayed>>, 2> replays;
  for (std::uint64_t i = 0; i < replays.size(); ++i) {
    replays.at(i) = Begin([this, i] {
      return subscriptions_->ReplayParked("work", std::array{i + 1});
    });
  }
  log_->gate.unlock();
  EXPECT_TRUE(seek.get());
  EXPECT_TRUE(replays[0].get().ok());
  EXPECT_FALSE(replays[1].get().ok());
}

TEST_F(SharedSubscriptionTest, KeepsTheOrderOfAKeyOverARestart) {
  ordering_ = OrderingKey::kLead;
  Append(2, "message.sent", "lead_1");
  Append(1, "message.sent", "lead_2");
  CreateShared();
  auto consumer = Consume("work");
  EXPECT_THAT(Take(*consumer, 2), ElementsAre(1, 3));
  Judge(*consumer,
        {{.sequence = 1, .kind = Kind::kRetry, .after = seconds(5)}});
  Settle(*consumer, {.sequence = 3});
  consumer.reset();
  Restart();
  consumer = Consume("work");
  Answer next = Ask(*consumer);
  Pass(seconds(5));
  const pb::ConsumeResponse response =
      NextDeliveries(*consumer, std::move(next));
  ASSERT_THAT(response.deliveries(), SizeIs(1));
  EXPECT_EQ(response.deliveries(0).event().sequence(), 1U);
  Judge(*consumer, {{.sequence = 1}});
  EXPECT_THAT(Take(*consumer, 1), ElementsAre(2));
}

TEST_F(SharedSubscriptionTest, TellsOutcomesOfWhatDoesNotCount) {
  Append(2);
  CreateShared();
  const auto consumer = Consume("work", {.events_max = 1});
  Take(*consumer, 1);
  EXPECT_EQ(Settle(*consumer, {.sequence = 2}),
            pb::VERDICT_OUTCOME_NOT_DELIVERED);
  EXPECT_EQ(Settle(*consumer, {.sequence = 1}), pb::VERDICT_OUTCOME_APPLIED);
  EXPECT_EQ(Settle(*consumer, {.sequence = 1}), pb::VERDICT_OUTCOME_SETTLED);
}

TEST_F(SharedSubscriptionTest, SeeksUnderItsConsumers) {
  Append(3);
  CreateShared();
  const auto consumer = Consume("work");
  Take(*consumer, 3);
  const auto info = subscriptions_->Seek("work", AfterSequence{1});
  ASSERT_TRUE(info.ok()) << info.status();
  EXPECT_EQ(info->settled_through, 1U);
  EXPECT_EQ(info->lag_events, 2U);
  EXPECT_THAT(Take(*consumer, 2), ElementsAre(2, 3));
}

TEST_F(SharedSubscriptionTest, WhatASeekPassesDoesNotComeAgain) {
  Append(2);
  CreateShared();
  auto consumer = Consume("work");
  Take(*consumer, 2);
  Settle(*consumer, {.sequence = 1, .kind = Kind::kRetry, .after = seconds(1)});
  ASSERT_TRUE(subscriptions_->Seek("work", Latest{}).ok());
  consumer.reset();
  Restart();
  Pass(seconds(1));
  Append(1);
  consumer = Consume("work");
  EXPECT_THAT(Take(*consumer, 1), ElementsAre(3));
  EXPECT_EQ(Info("work").waiting, 0U);
}

TEST_F(SharedSubscriptionTest, TellsWhatRetentionTookBeforeItWasDelivered) {
  Append(4);
  CreateShared();
  RemoveOldest(2);
  const auto consumer = Consume("work");
  const pb::ConsumeResponse response = Next(*consumer);
  EXPECT_EQ(response.gap().from_sequence(), 1U);
  EXPECT_EQ(response.gap().to_sequence(), 2U);
  EXPECT_EQ(response.gap().reason(), pb::GAP_REASON_REMOVED);
  ASSERT_THAT(response.deliveries(), SizeIs(2));
  EXPECT_EQ(response.deliveries(0).event().sequence(), 3U);
}

TEST_F(SharedSubscriptionTest, TellsWhatRetentionTookBeforeItCameAgain) {
  Append(3);
  CreateShared();
  const auto consumer = Consume("work");
  Take(*consumer, 3);
  Settle(*consumer, {.sequence = 1, .kind = Kind::kRetry, .after = seconds(1)});
  RemoveOldest(1);
  Answer next = Ask(*consumer);
  Pass(seconds(1));
  pb::ConsumeResponse response = Parse(Await(std::move(next)));
  while (!response.has_gap() && !HasFailure()) response = Next(*consumer);
  EXPECT_EQ(response.gap().from_sequence(), 1U);
  EXPECT_EQ(response.gap().to_sequence(), 1U);
}

TEST_F(SharedSubscriptionTest, AFilterThatChangesIsThatOfWhatNobodyHasSeen) {
  Append(1, "message.sent");
  Append(1, "message.reply");
  Append(1, "message.sent");
  CreateShared();
  const auto consumer = Consume("work", {.events_max = 1});
  Take(*consumer, 1);
  const auto changed =
      subscriptions_->Update("work",
                             [](const SubscriptionSettings& old)
                                 -> absl::StatusOr<SubscriptionSettings> {
                               SubscriptionSettings settings = old;
                               settings.filter.type_names = {"message.sent"};
                               return settings;
                             });
  ASSERT_TRUE(changed.ok()) << changed.status();
  Judge(*consumer, {{.sequence = 1}});
  EXPECT_THAT(Take(*consumer, 1), ElementsAre(3));
}

TEST_F(SharedSubscriptionTest, WhatIsBeyondAConsumersReachIsNotDelivered) {
  Append(2);
  CreateShared();
  ConsumerOptions limited;
  limited.reach.workspaces = {"org_2"};
  const auto theirs = Consume("work", limited);
  const auto end = Await(Ask(*theirs));
  EXPECT_TRUE(absl::IsPermissionDenied(end.status())) << end.status();
  EXPECT_THAT(std::string(end.status().message()), HasSubstr("event 1 waits"));

  limited.reach.workspaces = {"org_1"};
  EXPECT_THAT(Take(*Consume("work", limited), 2), ElementsAre(1, 2));
}

TEST_F(SharedSubscriptionTest, WhatCannotBeKeptEndsItsConsumers) {
  Append(2);
  CreateShared();
  auto consumer = Consume("work");
  Take(*consumer, 2);
  log_->refuses = true;
  Answer next = Ask(*consumer);
  Judge(*consumer, {{.sequence = 1}});
  EXPECT_TRUE(absl::IsUnavailable(Await(std::move(next)).status()));
  log_->refuses = false;
  // Nothing was confirmed, so it all comes again.
  consumer = Consume("work");
  EXPECT_THAT(Take(*consumer, 2), ElementsAre(1, 2));
}

TEST_F(SharedSubscriptionTest, ConsumesThoughTheDiskIsFull) {
  Append(1);
  CreateShared();
  log_->refuses = true;
  const auto consumer = Consume("work");
  EXPECT_THAT(Take(*consumer, 1), ElementsAre(1));
}

TEST_F(SharedSubscriptionTest, DeletingItEndsItsConsumers) {
  CreateShared();
  const auto consumer = Consume("work");
  Answer next = Ask(*consumer);
  EXPECT_TRUE(subscriptions_->Delete("work").ok());
  EXPECT_TRUE(absl::IsAborted(Await(std::move(next)).status()));
  EXPECT_TRUE(absl::IsAborted(Await(Ask(*consumer)).status()));
  EXPECT_TRUE(absl::IsNotFound(subscriptions_->Get("work").status()));
  CreateShared();
}

TEST_F(SharedSubscriptionTest, DeletingItAnswersWhoeverChangesIt) {
  CreateShared();
  log_->gate.lock();
  const auto seek = [this] {
    return subscriptions_->Seek("work", Earliest{}).status();
  };
  auto under_way = BeginChange(seek);
  auto waiting = Begin(seek);
  auto deleted = Begin([this] { return subscriptions_->Delete("work"); });
  while (subscriptions_->Get("work").ok()) std::this_thread::yield();
  log_->gate.unlock();
  EXPECT_TRUE(deleted.get().ok());
  EXPECT_TRUE(under_way.get().ok());
  ASSERT_EQ(waiting.wait_for(testing::kDeadline), std::future_status::ready);
  EXPECT_TRUE(absl::IsNotFound(waiting.get()));
}

TEST_F(SharedSubscriptionTest, StoppingEndsEverybody) {
  Append(1);
  CreateShared();
  const auto asking = Consume("work", {.events_max = 1});
  Take(*asking, 1);
  const auto busy = Consume("work");
  Answer next = Ask(*asking);
  subscriptions_->Stop();
  EXPECT_TRUE(absl::IsUnavailable(Await(std::move(next)).status()));
  EXPECT_TRUE(absl::IsUnavailable(Await(Ask(*busy)).status()));
  EXPECT_TRUE(absl::IsUnavailable(subscriptions_->Get("work").status()));
}

TEST_F(SharedSubscriptionTest, SaysThatItIsThere) {
  CreateShared();
  const auto consumer = Consume("work");
  Answer next = Ask(*consumer);
  Pass(seconds(5));
  EXPECT_TRUE(Parse(Await(std::move(next))).has_heartbeat());
}

TEST_F(SharedSubscriptionTest, HoldsNoMoreVerdictsThanItCanAnswer) {
  Append(1);
  CreateShared();
  const auto consumer = Consume("work");
  // Nobody reads, so at some point nothing is taken any more.
  bool taken = true;
  for (int i = 0; i < 100 && taken; ++i) {
    auto told = std::make_shared<std::promise<void>>();
    std::vector<Verdict> verdicts(kVerdictsMax, Verdict{.sequence = 99});
    consumer->Judge(std::move(verdicts), [told] { told->set_value(); });
    (void)subscriptions_->statistics();
    (void)subscriptions_->statistics();
    taken =
        told->get_future().wait_for(seconds(0)) == std::future_status::ready;
  }
  EXPECT_FALSE(taken);
}

TEST_F(SharedSubscriptionTest, TellsWhereItStands) {
  Append(4);
  CreateShared();
  const auto consumer = Consume("work", {.events_max = 2});
  Take(*consumer, 2);
  clock_.Advance(seconds(7));
  const SubscriptionInfo info = Info("work");
  EXPECT_EQ(info.settled_through, 0U);
  EXPECT_EQ(info.head, 4U);
  EXPECT_EQ(info.lag_events, 4U);
  EXPECT_EQ(info.oldest_unacknowledged, 1U);
  EXPECT_EQ(info.oldest_age, seconds(7));
  EXPECT_EQ(info.outstanding, 2U);
  EXPECT_EQ(info.waiting, 2U);
  EXPECT_EQ(info.readers, 1U);
}

TEST_F(SharedSubscriptionTest, ExpiresWhenNobodyUsesIt) {
  expires_after_ = seconds(100);
  CreateShared();
  auto consumer = Consume("work");
  Pass(seconds(1'000));
  EXPECT_TRUE(subscriptions_->Get("work").ok());
  consumer.reset();
  Pass(seconds(99));
  EXPECT_TRUE(subscriptions_->Get("work").ok());
  Pass(seconds(1));
  (void)subscriptions_->statistics();
  EXPECT_TRUE(absl::IsNotFound(subscriptions_->Get("work").status()));
}

}  // namespace
}  // namespace tuco::stream

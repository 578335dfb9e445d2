// What a stream says besides events, and when it waits for others.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <utility>

#include "server/stream/hub.h"
#include "tests/server/stream/hub_fixture.h"

namespace tuco::stream {
namespace {

using ::testing::ElementsAre;
using HubNoticesTest = HubTest;

TEST_F(HubNoticesTest, TellsAReaderThatItFellBehindBeforeItReadsFromDisk) {
  StartHub({.tail_events_max = 4});
  const auto stream = Open({.position = Earliest{}});
  EXPECT_TRUE(Next(*stream).has_caught_up());
  AppendAndPublish(100);
  const StreamEventsResponse told = Next(*stream);
  EXPECT_EQ(told.fell_behind().head_sequence(), 100u);
  EXPECT_EQ(told.scanned_through(), 0u);
  EXPECT_EQ(told.events_size(), 0);
  EXPECT_FALSE(Next(*stream).has_fell_behind());
}

TEST_F(HubNoticesTest, SaysNowAndThenThatItIsThere) {
  Append(3);
  StartHub({.heartbeat = std::chrono::milliseconds(30)});
  const auto stream = Open({.position = Earliest{}});
  EXPECT_TRUE(Next(*stream).has_caught_up());
  for (int i = 0; i < 3; ++i) {
    const StreamEventsResponse silence = Next(*stream);
    EXPECT_EQ(silence.heartbeat().head_sequence(), 3u);
    EXPECT_EQ(silence.heartbeat().scanned_through(), 3u);
    EXPECT_EQ(silence.heartbeat().lag_events(), 0u);
    EXPECT_EQ(silence.heartbeat().lag_seconds(), 0.0);
    EXPECT_EQ(silence.scanned_through(), 3u);
  }
  // Events that do not match are silence too, and are passed all the same.
  StreamOptions options{.position = Earliest{}};
  options.filter.type_names = {"message.reply"};
  const auto filtered = Open(options);
  EXPECT_TRUE(Next(*filtered).has_caught_up());
  AppendAndPublish(2);
  StreamEventsResponse silence = Next(*filtered);
  while (silence.scanned_through() < 5) silence = Next(*filtered);
  EXPECT_TRUE(silence.has_heartbeat());
}

TEST_F(HubNoticesTest, AHeartbeatSaysHowFarTheStreamIsBehind) {
  Append(1);
  StartHub({.heartbeat = std::chrono::milliseconds(30)});
  const auto stream = Open(
      {.position = Latest{}, .batch_delay = std::chrono::milliseconds(500)});
  EXPECT_TRUE(Next(*stream).has_caught_up());
  AppendAndPublish(2);
  clock_.Advance(std::chrono::seconds(10));
  const StreamEventsResponse waiting = Next(*stream);
  EXPECT_EQ(waiting.heartbeat().head_sequence(), 3u);
  EXPECT_EQ(waiting.heartbeat().scanned_through(), 1u);
  EXPECT_EQ(waiting.heartbeat().lag_events(), 2u);
  EXPECT_GE(waiting.heartbeat().lag_seconds(), 10.0);
  EXPECT_LT(waiting.heartbeat().lag_seconds(), 11.0);
}

TEST_F(HubNoticesTest, WhatWasLostIsNoLag) {
  Append(1);
  log_->lost = {{.from = 3, .to = 4}};
  StartHub({.heartbeat = std::chrono::milliseconds(30)});
  const auto stream =
      Open({.position = Latest{}, .batch_delay = kBatchDelayMax});
  EXPECT_TRUE(Next(*stream).has_caught_up());
  AppendAndPublish(5);
  const StreamEventsResponse waiting = Next(*stream);
  EXPECT_EQ(waiting.heartbeat().head_sequence(), 6u);
  EXPECT_EQ(waiting.heartbeat().scanned_through(), 1u);
  EXPECT_EQ(waiting.heartbeat().lag_events(), 3u);
}

TEST_F(HubNoticesTest, ADelayGathersEventsButNeverHoldsAFullBatch) {
  StartHub();
  const auto patient = Open({.position = Latest{},
                             .batch_events_max = 3,
                             .batch_delay = kBatchDelayMax});
  EXPECT_TRUE(Next(*patient).has_caught_up());
  auto pending = AskNext(*patient);
  AppendAndPublish(3);
  const auto begin = std::chrono::steady_clock::now();
  StreamEventsResponse gathered;
  const absl::StatusOr<Batch> batch = Await(std::move(pending));
  ASSERT_TRUE(batch.ok());
  ASSERT_TRUE(gathered.ParseFromString(*batch->frame));
  EXPECT_THAT(Sequences(gathered), ElementsAre(1, 2, 3));
  AppendAndPublish(1);
  const StreamEventsResponse last = Next(*patient);
  EXPECT_THAT(Sequences(last), ElementsAre(4));
  EXPECT_GE(std::chrono::steady_clock::now() - begin,
            std::chrono::milliseconds(500));
}

TEST_F(HubNoticesTest, AHeartbeatDoesNotMakeADelayLonger) {
  StartHub({.heartbeat = std::chrono::milliseconds(50)});
  const auto stream = Open(
      {.position = Latest{}, .batch_delay = std::chrono::milliseconds(500)});
  EXPECT_TRUE(Next(*stream).has_caught_up());
  AppendAndPublish(1);
  int heartbeats = 0;
  StreamEventsResponse response = Next(*stream);
  for (; response.events().empty() && heartbeats < 100; ++heartbeats) {
    EXPECT_TRUE(response.has_heartbeat());
    response = Next(*stream);
  }
  EXPECT_THAT(Sequences(response), ElementsAre(1));
  EXPECT_GT(heartbeats, 0);
}

TEST_F(HubNoticesTest, ADelayIsOverWhenTheHubStops) {
  StartHub();
  const auto stream =
      Open({.position = Latest{}, .batch_delay = kBatchDelayMax});
  EXPECT_TRUE(Next(*stream).has_caught_up());
  auto pending = AskNext(*stream);
  AppendAndPublish(2);
  hub_->Stop();
  StreamEventsResponse response;
  const absl::StatusOr<Batch> batch = Await(std::move(pending));
  ASSERT_TRUE(batch.ok()) << batch.status();
  ASSERT_TRUE(response.ParseFromString(*batch->frame));
  EXPECT_THAT(Sequences(response), ElementsAre(1, 2));
}

TEST_F(HubNoticesTest, TellsWhomRetentionHasOvertaken) {
  Append(10);
  StartHub({.tail_events_max = 1});
  const auto stream =
      Open({.position = AfterSequence{2}, .batch_events_max = 2});
  EXPECT_THAT(Sequences(Next(*stream)), ElementsAre(3, 4));
  ASSERT_EQ(log_->RemoveOldest(
                    {.recorded_before = clock_.Now() + std::chrono::hours(1),
                     .rows_max = 7})
                ->count,
            7u);
  const StreamEventsResponse told = Next(*stream);
  EXPECT_THAT(Sequences(told), ElementsAre());
  EXPECT_EQ(told.gap().from_sequence(), 5u);
  EXPECT_EQ(told.gap().to_sequence(), 7u);
  EXPECT_EQ(told.gap().reason(), events::v1::GAP_REASON_REMOVED);
  EXPECT_EQ(told.scanned_through(), 7u);
  EXPECT_THAT(Sequences(Next(*stream)), ElementsAre(8, 9));
  // Who comes only now is refused.
  StreamOptions late;
  late.position = AfterSequence{2};
  EXPECT_EQ(hub_->Open(late).status().code(), absl::StatusCode::kOutOfRange);
}

TEST_F(HubNoticesTest, FilteredStreamTellsHowFarItHasLooked) {
  Append(3);
  Append(1, "message.reply");
  Append(2);
  StartHub();
  StreamOptions options{.position = Earliest{}};
  options.filter.type_names = {"message.reply"};
  const auto stream = Open(options);
  const StreamEventsResponse response = Next(*stream);
  EXPECT_THAT(Sequences(response), ElementsAre(4));
  EXPECT_EQ(response.scanned_through(), 6);
  // Nothing that matches: no response until something does.
  auto pending = AskNext(*stream);
  AppendAndPublish(5);
  AppendAndPublish(1, "message.reply");
  const absl::StatusOr<Batch> batch = Await(std::move(pending));
  ASSERT_TRUE(batch.ok());
  StreamEventsResponse live;
  ASSERT_TRUE(live.ParseFromString(*batch->frame));
  EXPECT_THAT(Sequences(live), ElementsAre(12));
  EXPECT_EQ(live.scanned_through(), 12);
}

}  // namespace
}  // namespace tuco::stream

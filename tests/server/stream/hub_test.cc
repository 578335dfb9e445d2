#include "server/stream/hub.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "tests/server/stream/hub_fixture.h"
#include "tuco/strings.h"

namespace tuco::stream {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST_F(HubTest, ReadsFromDiskThenLive) {
  Append(3);
  StartHub();
  const auto stream = Open({.position = Earliest{}});
  const StreamEventsResponse first = Next(*stream);
  EXPECT_THAT(Sequences(first), ElementsAre(1, 2, 3));
  EXPECT_EQ(first.scanned_through(), 3);
  EXPECT_EQ(first.caught_up().head_sequence(), 3);
  auto pending = AskNext(*stream);
  AppendAndPublish(1);
  StreamEventsResponse live;
  const absl::StatusOr<Batch> batch = Await(std::move(pending));
  ASSERT_TRUE(batch.ok());
  ASSERT_TRUE(live.ParseFromString(*batch->frame));
  EXPECT_THAT(Sequences(live), ElementsAre(4));
  EXPECT_FALSE(live.has_caught_up());
}

TEST_F(HubTest, LatestSaysThatItIsLiveAndSkipsWhatWasBefore) {
  Append(3);
  StartHub();
  const auto stream = Open({.position = Latest{}});
  const StreamEventsResponse first = Next(*stream);
  EXPECT_EQ(first.events_size(), 0);
  EXPECT_EQ(first.caught_up().head_sequence(), 3);
  AppendAndPublish(2);
  EXPECT_THAT(Sequences(Next(*stream)), ElementsAre(4, 5));
}

TEST_F(HubTest, SplitsIntoBatchesAndCatchesUpOnceOnly) {
  Append(5);
  StartHub();
  const auto stream =
      Open({.position = AfterSequence{1}, .batch_events_max = 2});
  EXPECT_THAT(Sequences(Next(*stream)), ElementsAre(2, 3));
  const StreamEventsResponse last = Next(*stream);
  EXPECT_THAT(Sequences(last), ElementsAre(4, 5));
  StreamEventsResponse after = last;
  if (!last.has_caught_up()) after = Next(*stream);
  EXPECT_TRUE(after.has_caught_up());
  AppendAndPublish(3);
  EXPECT_FALSE(Next(*stream).has_caught_up());
}

TEST_F(HubTest, ABatchSaysWhetherTheNextOneIsThere) {
  Append(4);
  StartHub();
  const auto stream = Open({.position = Earliest{}, .batch_events_max = 3});
  const absl::StatusOr<Batch> first = Await(AskNext(*stream));
  ASSERT_TRUE(first.ok());
  EXPECT_TRUE(first->behind);
  const absl::StatusOr<Batch> caught_up = Await(AskNext(*stream));
  ASSERT_TRUE(caught_up.ok());
  EXPECT_FALSE(caught_up->behind);
  AppendAndPublish(1);
  const absl::StatusOr<Batch> live = Await(AskNext(*stream));
  ASSERT_TRUE(live.ok());
  EXPECT_FALSE(live->behind);
}

TEST_F(HubTest, StopAtEndEndsBehindTheHeadOfItsOpening) {
  Append(3);
  StartHub();
  const auto stream = Open({.position = Earliest{}, .stop_at_end = true});
  AppendAndPublish(2);
  Numbers all;
  bool end = false;
  while (!end) {
    const absl::StatusOr<Batch> batch = Await(AskNext(*stream));
    ASSERT_TRUE(batch.ok()) << batch.status();
    StreamEventsResponse response;
    ASSERT_TRUE(response.ParseFromString(*batch->frame));
    for (const auto sequence : Sequences(response)) all.push_back(sequence);
    EXPECT_FALSE(response.has_caught_up());
    end = batch->end;
    if (end) {
      EXPECT_EQ(response.scanned_through(), 3);
    }
  }
  EXPECT_THAT(all, ElementsAre(1, 2, 3));
}

TEST_F(HubTest, StopAtEndOfAnEmptyLogEndsAtOnce) {
  StartHub();
  const auto stream = Open({.position = Earliest{}, .stop_at_end = true});
  const absl::StatusOr<Batch> batch = Await(AskNext(*stream));
  ASSERT_TRUE(batch.ok());
  EXPECT_TRUE(batch->end);
}

TEST_F(HubTest, AReaderThatFallsOutOfMemoryReadsFromDiskAgain) {
  StartHub({.tail_events_max = 4});
  const auto stream = Open({.position = Earliest{}});
  EXPECT_TRUE(Next(*stream).has_caught_up());
  AppendAndPublish(100);
  Numbers all;
  bool caught_up_again = false;
  while (all.size() < 100) {
    const StreamEventsResponse response = Next(*stream);
    for (const auto sequence : Sequences(response)) all.push_back(sequence);
    caught_up_again |= response.has_caught_up();
  }
  for (std::size_t i = 0; i < all.size(); ++i) EXPECT_EQ(all[i], i + 1);
  EXPECT_TRUE(caught_up_again);
}

TEST_F(HubTest, StreamsThatSendTheSameShareIt) {
  StartHub();
  StreamOptions replies{.position = Latest{}};
  replies.filter.type_names = {"message.reply"};
  const std::vector<StreamOptions> kinds = {
      {.position = Latest{}},
      {.position = Latest{}, .include_body = true},
      replies};
  std::vector<std::unique_ptr<Stream>> streams;
  for (int i = 0; i < 2; ++i) {
    for (const StreamOptions& kind : kinds) {
      streams.push_back(Open(kind));
      EXPECT_TRUE(Next(*streams.back()).has_caught_up());
    }
  }
  AppendAndPublish(1, "message.reply");
  std::vector<std::shared_ptr<const std::string>> frames;
  for (const auto& stream : streams) {
    const absl::StatusOr<Batch> batch = Await(AskNext(*stream));
    ASSERT_TRUE(batch.ok()) << batch.status();
    frames.push_back(batch->frame);
  }
  for (std::size_t i = 0; i < kinds.size(); ++i) {
    EXPECT_EQ(frames[i], frames[i + kinds.size()]);
    EXPECT_NE(frames[i], frames[(i + 1) % kinds.size()]);
  }
}

TEST_F(HubTest, RefusesAnEpochThatTheLogNeverHad) {
  StartHub();
  for (const std::uint64_t epoch : {0, 2}) {
    const auto stream = hub_->Open({.position = Earliest{}, .epoch = epoch});
    EXPECT_EQ(stream.status().code(), absl::StatusCode::kFailedPrecondition);
  }
  EXPECT_TRUE(hub_->Open({.position = Earliest{}, .epoch = 1}).ok());
}

TEST_F(HubTest, IncludesBodiesOnlyWhenAsked) {
  Append(1);
  StartHub();
  AppendAndPublish(1);
  for (const bool include : {false, true}) {
    for (const std::uint64_t after : {0, 1}) {
      const auto stream =
          Open({.position = AfterSequence{after}, .include_body = include});
      const StreamEventsResponse response = Next(*stream);
      ASSERT_GE(response.events_size(), 1);
      EXPECT_EQ(response.events(0).has_body(), include);
      EXPECT_EQ(response.events(0).has_signature(), include);
    }
  }
}

TEST_F(HubTest, RefusesAPositionThatTheLogDoesNotHold) {
  Append(3);
  StartHub();
  const auto past = hub_->Open({.position = AfterSequence{4}});
  EXPECT_EQ(past.status().code(), absl::StatusCode::kOutOfRange);
  EXPECT_THAT(std::string(FromAbsl(past.status().message())),
              HasSubstr("1 to 3"));
  EXPECT_TRUE(hub_->Open({.position = AfterSequence{3}}).ok());
}

TEST_F(HubTest, RefusesLimitsOutOfTheirRange) {
  StartHub();
  for (const std::size_t events : {std::size_t{0}, kBatchEventsMax + 1}) {
    EXPECT_EQ(hub_->Open({.position = Earliest{}, .batch_events_max = events})
                  .status()
                  .code(),
              absl::StatusCode::kInvalidArgument);
  }
  for (const std::size_t bytes : {std::size_t{0}, kBatchBytesMax + 1}) {
    EXPECT_EQ(hub_->Open({.position = Earliest{}, .batch_bytes_max = bytes})
                  .status()
                  .code(),
              absl::StatusCode::kInvalidArgument);
  }
}

TEST_F(HubTest, StartsAtATime) {
  Append(2);
  clock_.Advance(std::chrono::seconds(10));
  const Timestamp later = clock_.Now();
  Append(2);
  StartHub();
  const auto stream = Open({.position = FromTime{later}});
  EXPECT_THAT(Sequences(Next(*stream)), ElementsAre(3, 4));
}

TEST_F(HubTest, CancelAnswersAnOutstandingNext) {
  StartHub();
  const auto stream = Open({.position = Latest{}});
  Next(*stream);
  auto pending = AskNext(*stream);
  stream->Cancel();
  EXPECT_EQ(Await(std::move(pending)).status().code(),
            absl::StatusCode::kCancelled);
  EXPECT_EQ(Await(AskNext(*stream)).status().code(),
            absl::StatusCode::kCancelled);
}

TEST_F(HubTest, StopAnswersEveryOutstandingNext) {
  StartHub();
  const auto stream = Open({.position = Latest{}});
  Next(*stream);
  auto pending = AskNext(*stream);
  hub_->Stop();
  EXPECT_EQ(Await(std::move(pending)).status().code(),
            absl::StatusCode::kUnavailable);
}

TEST_F(HubTest, StopLeavesNobodyWithoutWhatWasPublishedBefore) {
  StartHub();
  std::vector<std::unique_ptr<Stream>> streams;
  std::vector<std::future<absl::StatusOr<Batch>>> pending;
  for (int i = 0; i < 200; ++i) {
    streams.push_back(Open({.position = Latest{}}));
    Next(*streams.back());
    pending.push_back(AskNext(*streams.back()));
  }
  AppendAndPublish(1);
  hub_->Stop();
  for (auto& batch : pending) {
    const absl::StatusOr<Batch> got = Await(std::move(batch));
    ASSERT_TRUE(got.ok()) << got.status();
    StreamEventsResponse response;
    ASSERT_TRUE(response.ParseFromString(*got->frame));
    EXPECT_THAT(Sequences(response), ElementsAre(1));
  }
  EXPECT_EQ(Await(AskNext(*streams[0])).status().code(),
            absl::StatusCode::kUnavailable);
}

TEST_F(HubTest, NobodySleepsThroughWhatIsPublishedDuringItsTurn) {
  StartHub({.heartbeat = std::chrono::hours(1)});
  const auto stream = Open({.position = Latest{}});
  Next(*stream);
  for (std::uint64_t n = 1; n <= 20'000; ++n) {
    auto pending = AskNext(*stream);
    AppendAndPublish(1);
    const absl::StatusOr<Batch> batch = Await(std::move(pending));
    ASSERT_TRUE(batch.ok()) << n << ": " << batch.status();
  }
}

TEST_F(HubTest, ForgetsAStreamThatIsDestroyed) {
  StartHub();
  auto stream = Open({.position = Latest{}});
  EXPECT_EQ(hub_->streams(), 1);
  stream.reset();
  EXPECT_EQ(hub_->streams(), 0);
  AppendAndPublish(1);
}

TEST_F(HubTest, ManyReadersAllGetEverythingInOrderWhileItIsWritten) {
  StartHub({.tail_events_max = 16});
  constexpr int kReaders = 8;
  constexpr std::uint64_t kEvents = 500;
  std::vector<std::thread> readers;
  readers.reserve(kReaders);
  std::vector<Numbers> seen(kReaders);
  for (int i = 0; i < kReaders; ++i) {
    readers.emplace_back([this, i, &seen] {
      const auto stream =
          Open({.position = Earliest{},
                .batch_events_max = 1 + 7 * static_cast<std::size_t>(i)});
      while (seen[i].size() < kEvents) {
        for (const auto sequence : Sequences(Next(*stream))) {
          seen[i].push_back(sequence);
        }
        if (::testing::Test::HasFailure()) return;
      }
    });
  }
  AppendAndPublish(kEvents);
  for (std::thread& reader : readers) reader.join();
  for (const Numbers& sequences : seen) {
    ASSERT_EQ(sequences.size(), kEvents);
    for (std::uint64_t n = 0; n < kEvents; ++n) EXPECT_EQ(sequences[n], n + 1);
  }
}

}  // namespace
}  // namespace tuco::stream

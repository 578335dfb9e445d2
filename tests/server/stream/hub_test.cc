#include "server/stream/hub.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <future>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

#include "server/log/event_log.h"
#include "tests/server/base/fake_clock.h"
#include "tests/server/stream/records.h"
#include "tuco/events/v1/event_service.pb.h"
#include "tuco/strings.h"

namespace tuco::stream {
namespace {

using events::v1::StreamEventsResponse;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Numbers = std::vector<std::uint64_t>;

// Long enough for a machine under load; reached only by a failing test.
constexpr std::chrono::seconds kDeadline{20};

std::future<absl::StatusOr<Batch>> AskNext(Stream& stream) {
  auto promise = std::make_shared<std::promise<absl::StatusOr<Batch>>>();
  stream.Next([promise](absl::StatusOr<Batch> batch) {
    promise->set_value(std::move(batch));
  });
  return promise->get_future();
}

absl::StatusOr<Batch> Await(std::future<absl::StatusOr<Batch>> batch) {
  if (batch.wait_for(kDeadline) != std::future_status::ready) {
    return absl::DeadlineExceededError("no batch");
  }
  return batch.get();
}

StreamEventsResponse Next(Stream& stream) {
  const absl::StatusOr<Batch> batch = Await(AskNext(stream));
  EXPECT_TRUE(batch.ok()) << batch.status();
  StreamEventsResponse response;
  if (batch.ok()) {
    EXPECT_TRUE(response.ParseFromString(*batch->frame));
  }
  return response;
}

Numbers Sequences(const StreamEventsResponse& response) {
  Numbers sequences;
  for (const auto& event : response.events()) {
    sequences.push_back(event.sequence());
  }
  return sequences;
}

class HubTest : public ::testing::Test {
 protected:
  HubTest() : log_(log::MakeMemoryLog(clock_)) {}

  void StartHub(Hub::Options options = {}) {
    hub_ = Hub::Start(*log_, clock_, options);
  }

  // Appends without telling the hub, as if it was there before the start.
  void Append(int count, const std::string& type_name = "message.sent") {
    for (int i = 0; i < count; ++i) {
      testing::AppendTo(*log_, testing::MakeRecord(next_++, type_name));
    }
  }

  void AppendAndPublish(int count,
                        const std::string& type_name = "message.sent") {
    for (int i = 0; i < count; ++i) {
      const log::RecordPtr record =
          testing::AppendTo(*log_, testing::MakeRecord(next_++, type_name));
      hub_->Publish({&record, 1});
    }
  }

  std::unique_ptr<Stream> Open(const StreamOptions& options) {
    absl::StatusOr<std::unique_ptr<Stream>> stream = hub_->Open(options);
    EXPECT_TRUE(stream.ok()) << stream.status();
    return *std::move(stream);
  }

  base::FakeClock clock_;
  std::unique_ptr<log::EventLog> log_;
  std::unique_ptr<Hub> hub_;
  std::uint64_t next_ = 1;
};

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

TEST_F(HubTest, FilteredStreamTellsHowFarItHasLooked) {
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

TEST_F(HubTest, TellsAReaderThatItFellBehindBeforeItReadsFromDisk) {
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

TEST_F(HubTest, SaysNowAndThenThatItIsThere) {
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

TEST_F(HubTest, AHeartbeatSaysHowFarTheStreamIsBehind) {
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

TEST_F(HubTest, ADelayGathersEventsButNeverHoldsAFullBatch) {
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

TEST_F(HubTest, AHeartbeatDoesNotMakeADelayLonger) {
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

TEST_F(HubTest, ADelayIsOverWhenTheHubStops) {
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

TEST_F(HubTest, TellsWhomRetentionHasOvertaken) {
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

}  // namespace
}  // namespace tuco::stream

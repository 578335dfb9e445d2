#include "server/client/subscriber.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "tests/server/client/fake_event_service.h"
#include "tests/server/client/tcp_proxy.h"

namespace tuco::client {
namespace {

namespace pb = events::v1;
using grpc::StatusCode;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::VariantWith;

using Stream = FakeEventService::Stream;

// Reads a scripted service with pauses of next to nothing.
class SubscriberTest : public testing::Test {
 protected:
  SubscriberTest() {
    options_.pause_min = options_.pause_max = milliseconds(1);
    // Reached only by a test that fails.
    options_.silence_max = options_.outage_max.emplace(minutes(1));
  }

  void Start(std::vector<Stream> streams) {
    service_ = std::make_unique<FakeEventService>(std::move(streams));
    options_.address = service_->address();
    subscriber_ = Subscriber::Create(options_).value();
  }

  // Reads until the event with this sequence.
  absl::Status ReadTo(std::uint64_t last) {
    return subscriber_->Run(
        [&](const Event& event) {
          seen_.push_back(event.sequence);
          return event.sequence == last ? Next::kStop : Next::kGoOn;
        },
        [this](const Notice& notice) { notices_.push_back(notice); });
  }

  absl::Status ReadAll() { return ReadTo(0); }

  SubscriberOptions options_;
  std::unique_ptr<FakeEventService> service_;
  std::unique_ptr<Subscriber> subscriber_;
  std::vector<std::uint64_t> seen_;
  std::vector<Notice> notices_;
};

pb::StreamEventsResponse BatchOfEpoch(std::uint64_t sequence,
                                      std::uint64_t epoch) {
  pb::StreamEventsResponse response = Batch({sequence}, sequence);
  response.mutable_events(0)->set_epoch(epoch);
  return response;
}

// What is said of notices of one kind.
template <typename T>
std::vector<T> Of(const std::vector<Notice>& notices) {
  std::vector<T> found;
  for (const Notice& notice : notices) {
    if (const T* const one = std::get_if<T>(&notice)) found.push_back(*one);
  }
  return found;
}

TEST_F(SubscriberTest, ReadsToTheEnd) {
  options_.stop_at_end = true;
  Start({{.responses = {Batch({1, 2}, 2), Batch({5}, 9)}}});
  EXPECT_TRUE(ReadAll().ok());
  EXPECT_THAT(seen_, ElementsAre(1, 2, 5));
  EXPECT_EQ(subscriber_->position(), Position(AfterSequence{9}));
}

TEST_F(SubscriberTest, GoesOnExactlyBehindWhatTheServerHasScanned) {
  options_.position = Latest{};
  Start({{.responses = {Batch({1}, 1), Batch({3}, 7)},
          .status = {StatusCode::UNAVAILABLE, "going away"}},
         {.status = {StatusCode::INTERNAL, "reset"}},
         {.responses = {Batch({}, 8)}},
         {.responses = {Batch({9}, 9)}, .hangs = true}});
  EXPECT_TRUE(ReadTo(9).ok());
  EXPECT_THAT(seen_, ElementsAre(1, 3, 9));
  const auto requests = service_->requests();
  ASSERT_THAT(requests, SizeIs(4));
  EXPECT_EQ(requests[0].anchor(), pb::ANCHOR_LATEST);
  EXPECT_EQ(requests[1].after_sequence(), 7);
  EXPECT_EQ(requests[2].after_sequence(), 7);
  EXPECT_EQ(requests[3].after_sequence(), 8);
}

TEST_F(SubscriberTest, OpensTheSameAgainWhenNothingWasRead) {
  options_.position = Earliest{};
  Start({{.status = {StatusCode::UNAVAILABLE, ""}},
         {.responses = {Batch({1}, 1)}, .hangs = true}});
  EXPECT_TRUE(ReadTo(1).ok());
  EXPECT_EQ(service_->requests().at(1).anchor(), pb::ANCHOR_EARLIEST);
}

TEST_F(SubscriberTest, SendsTheEpochOfTheLastEventAlong) {
  options_.position = AfterSequence{4};
  Start({{.responses = {BatchOfEpoch(5, 3), Batch({}, 6)}},
         {.responses = {Batch({7}, 7)}, .hangs = true}});
  EXPECT_TRUE(ReadTo(7).ok());
  EXPECT_FALSE(service_->requests().at(0).has_epoch());
  EXPECT_EQ(service_->requests().at(1).epoch(), 3);
}

TEST_F(SubscriberTest, ItsPositionIsBehindTheLastEventThatWasTaken) {
  Start({{.responses = {Batch({1, 2, 3}, 9)}, .hangs = true},
         {.responses = {Batch({3}, 9)}, .hangs = true}});
  EXPECT_TRUE(ReadTo(2).ok());
  EXPECT_EQ(subscriber_->position(), Position(AfterSequence{2}));
  EXPECT_TRUE(ReadTo(3).ok());
  EXPECT_THAT(seen_, ElementsAre(1, 2, 3));
  EXPECT_EQ(service_->requests().at(1).after_sequence(), 2);
}

TEST_F(SubscriberTest, AnExceptionLeavesItsEventUntaken) {
  Start({{.responses = {Batch({1, 2, 3}, 3)}, .hangs = true},
         {.responses = {Batch({2, 3}, 3)}, .hangs = true}});
  const auto fail_at_2 = [](const Event& event) {
    if (event.sequence == 2) throw std::runtime_error("no");
    return Next::kGoOn;
  };
  EXPECT_THROW((void)subscriber_->Run(fail_at_2), std::runtime_error);
  EXPECT_TRUE(ReadTo(3).ok());
  EXPECT_THAT(seen_, ElementsAre(2, 3));
  EXPECT_EQ(service_->requests().at(1).after_sequence(), 1);
}

TEST_F(SubscriberTest, TakesSilenceForADrop) {
  options_.silence_max = milliseconds(50);
  Start({{.responses = {Batch({1}, 1)}, .hangs = true},
         {.responses = {Batch({2}, 2)}, .hangs = true}});
  EXPECT_TRUE(ReadTo(2).ok());
  EXPECT_THAT(seen_, ElementsAre(1, 2));
  const auto drops = Of<Reconnecting>(notices_);
  ASSERT_THAT(drops, SizeIs(1));
  EXPECT_TRUE(absl::IsDeadlineExceeded(drops[0].cause)) << drops[0].cause;
  EXPECT_EQ(service_->requests().at(1).after_sequence(), 1);
}

TEST_F(SubscriberTest, LeavesAConnectionThatIsDead) {
  service_ = std::make_unique<FakeEventService>(
      std::vector<Stream>{{.responses = {Batch({1}, 1)}, .hangs = true},
                          {.responses = {Batch({2}, 2)}, .hangs = true}});
  TcpProxy proxy(service_->port());
  options_.address = proxy.address();
  options_.silence_max = milliseconds(200);
  subscriber_ = Subscriber::Create(options_).value();
  EXPECT_TRUE(subscriber_
                  ->Run([&](const Event& event) {
                    if (event.sequence == 1) proxy.StallOpenConnections();
                    return event.sequence == 2 ? Next::kStop : Next::kGoOn;
                  })
                  .ok());
  EXPECT_GE(proxy.connections(), 2);
}

TEST_F(SubscriberTest, EndsWhenTheServerIsAwayForTooLong) {
  options_.silence_max = milliseconds(10);
  options_.outage_max = milliseconds(100);
  Start({});
  const absl::Status ended = ReadAll();
  EXPECT_TRUE(absl::IsUnavailable(ended)) << ended;
  EXPECT_THAT(std::string(ended.message().data(), ended.message().size()),
              HasSubstr("attempts"));
  EXPECT_GE(service_->requests().size(), 2U);
}

TEST_F(SubscriberTest, EndsWhenTheServerIsSilentForTooLong) {
  options_.silence_max = milliseconds(20);
  options_.outage_max = milliseconds(100);
  Start(std::vector<Stream>(100, Stream{.hangs = true}));
  const absl::Status ended = ReadAll();
  EXPECT_TRUE(absl::IsDeadlineExceeded(ended)) << ended;
}

TEST_F(SubscriberTest, AReaderThatStopsAtTheEndDoesNotWaitForEver) {
  options_.stop_at_end = true;
  options_.outage_max = milliseconds(50);
  options_.silence_max = milliseconds(50);
  Start({{.responses = {Batch({1}, 1)}, .status = {StatusCode::INTERNAL, ""}}});
  EXPECT_TRUE(absl::IsUnavailable(ReadAll()));
  EXPECT_THAT(seen_, ElementsAre(1));
}

TEST_F(SubscriberTest, EndsOnErrorsThatTryingAgainDoesNotMend) {
  for (const StatusCode code :
       {StatusCode::INVALID_ARGUMENT, StatusCode::OUT_OF_RANGE,
        StatusCode::FAILED_PRECONDITION, StatusCode::NOT_FOUND,
        StatusCode::DATA_LOSS, StatusCode::UNIMPLEMENTED,
        StatusCode::UNAUTHENTICATED, StatusCode::PERMISSION_DENIED,
        StatusCode::ABORTED}) {
    Start({{.status = {code, "words"}}});
    const absl::Status ended = ReadAll();
    EXPECT_EQ(ended.raw_code(), static_cast<int>(code));
    EXPECT_EQ(ended.message(), "words");
    EXPECT_THAT(service_->requests(), SizeIs(1)) << code;
  }
}

TEST_F(SubscriberTest, GoesOnBehindErrorsThatPass) {
  std::vector<Stream> streams;
  for (const StatusCode code :
       {StatusCode::OK, StatusCode::CANCELLED, StatusCode::UNKNOWN,
        StatusCode::DEADLINE_EXCEEDED, StatusCode::RESOURCE_EXHAUSTED,
        StatusCode::INTERNAL, StatusCode::UNAVAILABLE}) {
    streams.push_back({.status = {code, "words"}});
  }
  streams.push_back({.responses = {Batch({1}, 1)}, .hangs = true});
  Start(streams);
  EXPECT_TRUE(ReadTo(1).ok());
  const auto drops = Of<Reconnecting>(notices_);
  ASSERT_THAT(drops, SizeIs(streams.size() - 1));
  for (std::size_t i = 0; i < drops.size(); ++i) {
    EXPECT_EQ(drops[i].drops, i + 1);
    EXPECT_EQ(drops[i].cause.raw_code(), streams[i].status.error_code());
  }
}

TEST_F(SubscriberTest, CountsDropsFromOneAgainOnceSomethingCame) {
  Start({{.status = {StatusCode::UNAVAILABLE, ""}},
         {.status = {StatusCode::UNAVAILABLE, ""}},
         {.responses = {Batch({1}, 1)}},
         {.responses = {Batch({2}, 2)}, .hangs = true}});
  EXPECT_TRUE(ReadTo(2).ok());
  const auto drops = Of<Reconnecting>(notices_);
  ASSERT_THAT(drops, SizeIs(3));
  EXPECT_EQ(drops[1].drops, 2);
  EXPECT_EQ(drops[2].drops, 1);
}

TEST_F(SubscriberTest, TellsWhatTheServerSaysBesideEvents) {
  pb::StreamEventsResponse gap = Batch({}, 1048575);
  gap.mutable_gap()->set_from_sequence(4);
  gap.mutable_gap()->set_to_sequence(1048575);
  gap.mutable_gap()->set_reason(pb::GAP_REASON_LOST);
  pb::StreamEventsResponse caught_up = Batch({}, 1048575);
  caught_up.mutable_caught_up()->set_head_sequence(1048575);
  pb::StreamEventsResponse fell_behind = Batch({}, 1048575);
  fell_behind.mutable_fell_behind()->set_head_sequence(1048577);
  pb::StreamEventsResponse heartbeat = Batch({}, 1048575);
  heartbeat.mutable_heartbeat()->set_head_sequence(1048577);
  heartbeat.mutable_heartbeat()->set_scanned_through(1048575);
  heartbeat.mutable_heartbeat()->set_lag_events(2);
  heartbeat.mutable_heartbeat()->set_lag_seconds(1.5);
  Start({{.responses = {gap, caught_up, fell_behind, heartbeat,
                        Batch({1048576}, 1048576)},
          .hangs = true}});
  EXPECT_TRUE(ReadTo(1048576).ok());
  EXPECT_THAT(notices_,
              ElementsAre(VariantWith<Gap>(Gap{4, 1048575, GapReason::kLost}),
                          VariantWith<CaughtUp>(CaughtUp{1048575}),
                          VariantWith<FellBehind>(FellBehind{1048577}),
                          VariantWith<Heartbeat>(
                              Heartbeat{1048577, 1048575, 2,
                                        std::chrono::duration<double>(1.5)})));
}

TEST_F(SubscriberTest, AHeartbeatIsNoSilence) {
  // One that comes alone moves the position as any response does.
  pb::StreamEventsResponse heartbeat = Batch({}, 7);
  heartbeat.mutable_heartbeat()->set_scanned_through(7);
  Start({{.responses = {heartbeat}}, {.responses = {Batch({8}, 8)}}});
  EXPECT_TRUE(ReadTo(8).ok());
  EXPECT_EQ(service_->requests().at(1).after_sequence(), 7);
}

TEST_F(SubscriberTest, CancelEndsItWhileNothingComes) {
  Start({{.responses = {Batch({1}, 1)}, .hangs = true}});
  std::promise<void> first;
  auto run = std::async(std::launch::async, [&] {
    return subscriber_->Run([&](const Event&) {
      first.set_value();
      return Next::kGoOn;
    });
  });
  first.get_future().wait();
  subscriber_->Cancel();
  EXPECT_TRUE(absl::IsCancelled(run.get()));
}

TEST_F(SubscriberTest, CancelEndsItDuringAPause) {
  options_.pause_min = options_.pause_max = minutes(10);
  Start({});
  std::promise<void> dropped;
  auto run = std::async(std::launch::async, [&] {
    return subscriber_->Run([](const Event&) { return Next::kGoOn; },
                            [&](const Notice&) { dropped.set_value(); });
  });
  dropped.get_future().wait();
  subscriber_->Cancel();
  EXPECT_TRUE(absl::IsCancelled(run.get()));
}

TEST_F(SubscriberTest, CancelEndsItWithinABatch) {
  Start({{.responses = {Batch({1, 2, 3}, 3)}, .hangs = true}});
  const absl::Status ended = subscriber_->Run([&](const Event& event) {
    seen_.push_back(event.sequence);
    if (event.sequence == 2) subscriber_->Cancel();
    return Next::kGoOn;
  });
  EXPECT_TRUE(absl::IsCancelled(ended));
  EXPECT_THAT(seen_, ElementsAre(1, 2));
  EXPECT_EQ(subscriber_->position(), Position(AfterSequence{2}));
}

TEST_F(SubscriberTest, CancelIsForGood) {
  Start({{.responses = {Batch({1}, 1)}, .hangs = true}});
  subscriber_->Cancel();
  EXPECT_TRUE(absl::IsCancelled(ReadAll()));
  EXPECT_TRUE(absl::IsCancelled(ReadAll()));
  EXPECT_THAT(seen_, IsEmpty());
}

TEST_F(SubscriberTest, GoesOnWhenTheServerIsStartedAgain) {
  Start({{.responses = {Batch({7}, 8)}, .hangs = true}});
  const std::string address = service_->address();
  const absl::Status ended = subscriber_->Run([&](const Event& event) {
    seen_.push_back(event.sequence);
    if (event.sequence == 9) return Next::kStop;
    service_.reset();
    service_ = std::make_unique<FakeEventService>(
        std::vector<Stream>{{.responses = {Batch({9}, 9)}, .hangs = true}},
        address);
    return Next::kGoOn;
  });
  EXPECT_TRUE(ended.ok());
  EXPECT_THAT(seen_, ElementsAre(7, 9));
  EXPECT_EQ(service_->requests().at(0).after_sequence(), 8);
}

TEST_F(SubscriberTest, HandsOverTheTypedEvent) {
  pb::StreamEventsResponse response = BatchOfEpoch(1, 2);
  pb::Event& event = *response.mutable_events(0);
  event.set_body("{}");
  event.set_signature("ab");
  event.set_suspected_duplicate_of(9);
  event.mutable_recorded_at()->set_seconds(5);
  event.mutable_contact()->set_phone("+1");
  Start({{.responses = {response}, .hangs = true}});
  Event seen;
  EXPECT_TRUE(subscriber_
                  ->Run([&](Event one) {
                    seen = std::move(one);
                    return Next::kStop;
                  })
                  .ok());
  EXPECT_EQ(seen.sequence, 1);
  EXPECT_EQ(seen.epoch, 2);
  EXPECT_EQ(seen.event_id, "evt_1");
  EXPECT_EQ(seen.body, "{}");
  EXPECT_EQ(seen.signature, "ab");
  EXPECT_EQ(seen.suspected_duplicate_of, 9);
  EXPECT_EQ(seen.recorded_at, Timestamp(std::chrono::seconds(5)));
  EXPECT_EQ(seen.contact.phone, "+1");
}

TEST_F(SubscriberTest, RefusesWhatMakesNoSense) {
  const auto refused = [this](auto change) {
    SubscriberOptions options = options_;
    change(options);
    return absl::IsInvalidArgument(Subscriber::Create(options).status());
  };
  using Options = SubscriberOptions;
  EXPECT_FALSE(refused([](Options&) {}));
  EXPECT_TRUE(refused([](Options& o) { o.address = "nonsense"; }));
  EXPECT_TRUE(refused([](Options& o) { o.address = "off"; }));
  EXPECT_TRUE(refused([](Options& o) { o.address = "127.0.0.1:0"; }));
  EXPECT_TRUE(refused([](Options& o) { o.silence_max = milliseconds(9); }));
  EXPECT_TRUE(
      refused([](Options& o) { o.silence_max = hours(1) + milliseconds(1); }));
  EXPECT_TRUE(refused([](Options& o) { o.pause_min = milliseconds(0); }));
  EXPECT_TRUE(refused([](Options& o) { o.pause_min = milliseconds(2); }));
  EXPECT_TRUE(
      refused([](Options& o) { o.pause_max = minutes(10) + milliseconds(1); }));
  EXPECT_TRUE(refused([](Options& o) { o.outage_max = milliseconds(59'999); }));
  EXPECT_TRUE(refused([](Options& o) { o.outage_max = hours(24 * 30 + 1); }));
}

TEST_F(SubscriberTest, AsksForWhatItIsTold) {
  options_.position = FromTime{Timestamp(milliseconds(1'500))};
  options_.filter = {.types = {EventType::kMessageReply},
                     .type_names = {"lead.created"},
                     .endpoints = {"e"},
                     .workspaces = {"w"},
                     .lines = {"l"},
                     .campaigns = {"c"},
                     .message_id = "m",
                     .lead_id = "i",
                     .phone = "+1",
                     .test = TestEvents::kOnly,
                     .flags = {Flag::kLate, Flag::kTest},
                     .without_flags = {Flag::kEarly}};
  options_.include_body = true;
  options_.stop_at_end = true;
  options_.batch_events_max = 7;
  options_.batch_bytes_max = 8;
  options_.batch_delay = milliseconds(20);
  Start({{.responses = {Batch({1}, 1)}}});
  EXPECT_EQ(subscriber_->position(), options_.position);
  EXPECT_TRUE(ReadAll().ok());
  const pb::StreamEventsRequest request = service_->requests().at(0);
  EXPECT_EQ(request.ShortDebugString(),
            "from_time { seconds: 1 nanos: 500000000 } "
            "filter { types: EVENT_TYPE_MESSAGE_REPLY "
            "type_names: \"lead.created\" workspaces: \"w\" lines: \"l\" "
            "campaigns: \"c\" message_id: \"m\" lead_id: \"i\" phone: \"+1\" "
            "test: TEST_FILTER_ONLY flags: FLAG_TEST flags: FLAG_LATE "
            "endpoints: \"e\" without_flags: FLAG_EARLY } "
            "include_body: true stop_at_end: true max_batch_events: 7 "
            "max_batch_bytes: 8 max_batch_delay { nanos: 20000000 }");
}

}  // namespace
}  // namespace tuco::client

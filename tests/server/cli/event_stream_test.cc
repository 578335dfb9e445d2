#include "server/cli/event_stream.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "server/cli/connect.h"
#include "server/cli/exit_codes.h"
#include "server/client/channel.h"
#include "tests/server/client/fake_event_service.h"

namespace tuco::cli {
namespace {

namespace pb = events::v1;
using client::Batch;
using client::FakeEventService;
using client::OpenChannel;
using grpc::StatusCode;
using std::chrono::hours;
using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

// Reads a scripted service with pauses of next to nothing.
class EventStreamTest : public testing::Test {
 protected:
  int Read(std::vector<FakeEventService::Stream> streams) {
    service_ = std::make_unique<FakeEventService>(std::move(streams));
    const auto make_channel = [this] {
      return OpenChannel(service_->address()).value();
    };
    plan_.patience.pause_min = plan_.patience.pause_max = milliseconds(1);
    EventStream stream(
        make_channel(), make_channel, plan_,
        [this](EventStream::Events events) { return Print(events); },
        [this](std::string_view notice, bool) {
          notices_.emplace_back(notice);
        },
        interrupt_);
    return stream.Run();
  }

  WriteResult Print(EventStream::Events events) {
    if (print_result_ != WriteResult::kWritten) return print_result_;
    for (const pb::Event* const event : events) {
      printed_.push_back(event->sequence());
    }
    if (printed_.size() == interrupt_at_) interrupt_.Raise();
    if (printed_.size() == restart_at_) Restart();
    return WriteResult::kWritten;
  }

  // The server goes, and another one comes in its place.
  void Restart() {
    const std::string address = service_->address();
    service_.reset();
    service_ = std::make_unique<FakeEventService>(after_restart_, address);
  }

  StreamPlan plan_;
  Interrupt interrupt_;
  std::unique_ptr<FakeEventService> service_;
  std::vector<std::uint64_t> printed_;
  std::vector<std::string> notices_;
  WriteResult print_result_ = WriteResult::kWritten;
  std::size_t interrupt_at_ = 0;
  std::size_t restart_at_ = 0;
  std::vector<FakeEventService::Stream> after_restart_;
};

TEST_F(EventStreamTest, PrintsToTheEnd) {
  plan_.request.set_stop_at_end(true);
  EXPECT_EQ(Read({{.responses = {Batch({1, 2}, 2), Batch({5}, 9)}}}), kExitOk);
  EXPECT_THAT(printed_, ElementsAre(1, 2, 5));
  EXPECT_THAT(notices_, IsEmpty());
}

TEST_F(EventStreamTest, SaysNoWhenNothingIsFound) {
  plan_.request.set_stop_at_end(true);
  EXPECT_EQ(Read({{.responses = {Batch({}, 9)}}}), kExitNegative);
}

TEST_F(EventStreamTest, StopsAtTheLimit) {
  plan_.limit = 2;
  EXPECT_EQ(Read({{.responses = {Batch({1, 2, 3}, 3)}, .hangs = true}}),
            kExitOk);
  EXPECT_THAT(printed_, ElementsAre(1, 2));
}

TEST_F(EventStreamTest, GoesOnBehindWhatWasReadWhenTheStreamDrops) {
  plan_.limit = 4;
  plan_.request.set_anchor(pb::ANCHOR_LATEST);
  EXPECT_EQ(Read({{.responses = {Batch({1}, 1), Batch({3}, 7)},
                   .status = {StatusCode::UNAVAILABLE, "going away"}},
                  {.status = {StatusCode::INTERNAL, "reset"}},
                  {.responses = {Batch({8}, 8)}},
                  {.responses = {Batch({9}, 9)}, .hangs = true}}),
            kExitOk);
  EXPECT_THAT(printed_, ElementsAre(1, 3, 8, 9));
  const auto requests = service_->requests();
  ASSERT_THAT(requests, SizeIs(4));
  EXPECT_EQ(requests[0].anchor(), pb::ANCHOR_LATEST);
  EXPECT_EQ(requests[1].after_sequence(), 7U);
  EXPECT_EQ(requests[2].after_sequence(), 7U);
  EXPECT_EQ(requests[3].after_sequence(), 8U);
}

TEST_F(EventStreamTest, GoesOnWhenTheServerIsStartedAgain) {
  plan_.limit = 2;
  restart_at_ = 1;
  after_restart_ = {{.responses = {Batch({9}, 9)}, .hangs = true}};
  EXPECT_EQ(Read({{.responses = {Batch({7}, 8)}, .hangs = true}}), kExitOk);
  EXPECT_THAT(printed_, ElementsAre(7, 9));
  EXPECT_EQ(service_->requests().at(0).after_sequence(), 8U);
}

TEST_F(EventStreamTest, OpensTheSameAgainWhenNothingWasRead) {
  plan_.limit = 1;
  plan_.request.set_anchor(pb::ANCHOR_EARLIEST);
  EXPECT_EQ(Read({{.status = {StatusCode::UNAVAILABLE, ""}},
                  {.responses = {Batch({1}, 1)}}}),
            kExitOk);
  EXPECT_EQ(service_->requests().at(1).anchor(), pb::ANCHOR_EARLIEST);
}

TEST_F(EventStreamTest, SaysOnceThatTheConnectionIsLost) {
  plan_.limit = 1;
  EXPECT_EQ(Read({{.status = {StatusCode::UNAVAILABLE, "first"}},
                  {.status = {StatusCode::UNAVAILABLE, "second"}},
                  {.responses = {Batch({1}, 1)}}}),
            kExitOk);
  EXPECT_THAT(notices_, ElementsAre("connection lost: first; reconnecting"));
}

TEST_F(EventStreamTest, GivesUpOnAServerThatIsGoneWithoutFollowing) {
  plan_.request.set_stop_at_end(true);
  EXPECT_EQ(Read({}), kExitConnect);
  EXPECT_THAT(service_->requests(), SizeIs(6));
}

TEST_F(EventStreamTest, TellsOfAGap) {
  plan_.limit = 1;
  pb::StreamEventsResponse gap = Batch({}, 1048575);
  gap.mutable_gap()->set_from_sequence(4);
  gap.mutable_gap()->set_to_sequence(1048575);
  gap.mutable_gap()->set_reason(pb::GAP_REASON_LOST);
  EXPECT_EQ(
      Read({{.responses = {gap, Batch({1048576}, 1048576)}, .hangs = true}}),
      kExitOk);
  EXPECT_THAT(notices_,
              ElementsAre(HasSubstr("events 4 to 1048575 are missing")));
}

TEST_F(EventStreamTest, TellsWhenItHasCaughtUp) {
  plan_.limit = 1;
  pb::StreamEventsResponse caught_up = Batch({}, 41);
  caught_up.mutable_caught_up()->set_head_sequence(41);
  EXPECT_EQ(Read({{.responses = {caught_up, Batch({42}, 42)}, .hangs = true}}),
            kExitOk);
  EXPECT_THAT(notices_, ElementsAre(HasSubstr("caught up at sequence 41")));
}

TEST_F(EventStreamTest, EndsAtOnceWhenInterruptedWhileReading) {
  interrupt_at_ = 1;
  EXPECT_EQ(
      Read({{.responses = {Batch({1}, 1), Batch({2}, 2)}, .hangs = true}}),
      kExitInterrupted);
  EXPECT_THAT(printed_, ElementsAre(1));
}

TEST_F(EventStreamTest, EndsWhenInterruptedWhileNothingComes) {
  interrupt_at_ = 2;
  EXPECT_EQ(Read({{.responses = {Batch({1, 2}, 2)}, .hangs = true}}),
            kExitInterrupted);
  EXPECT_THAT(printed_, ElementsAre(1, 2));
}

TEST_F(EventStreamTest, EndsWhenInterruptedBeforeItBegins) {
  interrupt_.Raise();
  EXPECT_EQ(Read({{.hangs = true}}), kExitInterrupted);
}

TEST_F(EventStreamTest, EndsQuietlyWhenNobodyReads) {
  print_result_ = WriteResult::kClosed;
  EXPECT_EQ(Read({{.responses = {Batch({1}, 1)}, .hangs = true}}), kExitOk);
}

TEST_F(EventStreamTest, SaysWhenItCannotWrite) {
  print_result_ = WriteResult::kFailed;
  EXPECT_EQ(Read({{.responses = {Batch({1}, 1)}, .hangs = true}}),
            kExitStorage);
}

TEST_F(EventStreamTest, EndsOnErrorsThatTryingAgainDoesNotMend) {
  const std::pair<StatusCode, int> cases[] = {
      {StatusCode::INVALID_ARGUMENT, kExitUsage},
      {StatusCode::OUT_OF_RANGE, kExitUsage},
      {StatusCode::DATA_LOSS, kExitStorage},
      {StatusCode::UNIMPLEMENTED, kExitConnect},
      {StatusCode::UNAUTHENTICATED, kExitConnect},
  };
  for (const auto& [code, exit_code] : cases) {
    EXPECT_EQ(Read({{.status = {code, "words"}}}), exit_code) << code;
    EXPECT_THAT(service_->requests(), SizeIs(1));
  }
}

TEST(Connect, ConnectsToAServer) {
  const FakeEventService service({});
  Interrupt interrupt;
  EXPECT_TRUE(
      Connect(*OpenChannel(service.address()), hours(1), interrupt).ok());
}

TEST(Connect, SaysWhenNobodyListens) {
  std::string address;
  {
    const FakeEventService gone({});
    address = gone.address();
  }
  Interrupt interrupt;
  EXPECT_TRUE(
      absl::IsUnavailable(Connect(*OpenChannel(address), hours(1), interrupt)));
}

TEST(Connect, SaysWhenTimeIsUpOrTheUserHasHadEnough) {
  const FakeEventService service({});
  Interrupt interrupt;
  EXPECT_TRUE(absl::IsDeadlineExceeded(
      Connect(*OpenChannel(service.address()), milliseconds(0), interrupt)));
  interrupt.Raise();
  EXPECT_TRUE(absl::IsCancelled(
      Connect(*OpenChannel(service.address()), hours(1), interrupt)));
}

TEST_F(EventStreamTest, AcknowledgesWhatItHasPrinted) {
  plan_.request.set_subscription("crm");
  plan_.request.set_stop_at_end(true);
  std::vector<std::uint64_t> acknowledged;
  plan_.acknowledge = [&](std::uint64_t through) {
    EXPECT_FALSE(printed_.empty());
    acknowledged.push_back(through);
    return grpc::Status::OK;
  };
  EXPECT_EQ(Read({{.responses = {Batch({1, 2}, 5), Batch({}, 5), Batch({7}, 7)},
                   .status = grpc::Status::OK}}),
            kExitOk);
  EXPECT_THAT(acknowledged, ElementsAre(5, 7));
}

TEST_F(EventStreamTest, AcknowledgesNoMoreThanTheLimit) {
  plan_.request.set_subscription("crm");
  plan_.limit = 2;
  std::vector<std::uint64_t> acknowledged;
  plan_.acknowledge = [&](std::uint64_t through) {
    acknowledged.push_back(through);
    return grpc::Status::OK;
  };
  EXPECT_EQ(Read({{.responses = {Batch({1, 2, 3}, 3)}, .hangs = true}}),
            kExitOk);
  EXPECT_THAT(acknowledged, ElementsAre(2));
}

TEST_F(EventStreamTest, AcknowledgesNothingThatWasNotWritten) {
  plan_.request.set_subscription("crm");
  print_result_ = WriteResult::kFailed;
  plan_.acknowledge = [](std::uint64_t /*through*/) {
    ADD_FAILURE();
    return grpc::Status::OK;
  };
  EXPECT_EQ(Read({{.responses = {Batch({1}, 1)}, .hangs = true}}),
            kExitStorage);
}

TEST_F(EventStreamTest, SaysThatTheLastOnesCouldNotBeAcknowledged) {
  plan_.request.set_subscription("crm");
  plan_.request.set_stop_at_end(true);
  plan_.acknowledge = [](std::uint64_t /*through*/) {
    return grpc::Status(StatusCode::UNAVAILABLE, "gone");
  };
  EXPECT_EQ(Read({{.responses = {Batch({1}, 1)}, .status = grpc::Status::OK}}),
            kExitConnect);
}

TEST_F(EventStreamTest, ASubscriptionIsOpenedAgainAsItWas) {
  plan_.request.set_subscription("crm");
  plan_.request.set_stop_at_end(true);
  EXPECT_EQ(Read({{.responses = {Batch({1}, 1)},
                   .status = {StatusCode::UNAVAILABLE, "gone"}},
                  {.status = grpc::Status::OK}}),
            kExitOk);
  EXPECT_EQ(service_->requests().at(1).subscription(), "crm");
}

TEST_F(EventStreamTest, LeavesASubscriptionToAnotherReader) {
  plan_.request.set_subscription("crm");
  EXPECT_EQ(Read({{.status = {StatusCode::ABORTED, "another reader"}}}),
            kExitConnect);
  EXPECT_THAT(service_->requests(), SizeIs(1));
}

}  // namespace
}  // namespace tuco::cli

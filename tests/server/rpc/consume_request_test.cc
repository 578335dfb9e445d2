#include "server/rpc/consume_request.h"

#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <string>

#include "tests/server/rpc/bad_request.h"

namespace tuco::rpc {
namespace {

namespace pb = events::v1;
using testing::Violation;
using Kind = stream::Verdict::Kind;

// What is wrong with a first request after a change.
std::string OpenFault(const std::function<void(pb::ConsumeOpen&)>& change) {
  pb::ConsumeRequest request;
  request.mutable_open()->set_subscription("crm");
  change(*request.mutable_open());
  return Violation(ToConsumerOptions(request).status());
}

// The only verdict of a request, about event 7, after a change.
absl::StatusOr<stream::Verdict> Read(
    const std::function<void(pb::Verdict&)>& change) {
  pb::ConsumeRequest request;
  request.add_verdicts()->set_sequence(7);
  change(*request.mutable_verdicts(0));
  const auto verdicts = ToVerdicts(request);
  if (!verdicts.ok()) return verdicts.status();
  return verdicts->at(0);
}

std::string Fault(const std::function<void(pb::Verdict&)>& change) {
  return Violation(Read(change).status());
}

TEST(ConsumeRequestTest, OpensWithDefaults) {
  pb::ConsumeRequest request;
  request.mutable_open()->set_subscription("crm");
  const auto options = ToConsumerOptions(request);
  ASSERT_TRUE(options.ok()) << options.status();
  EXPECT_EQ(options->events_max, 256);
  EXPECT_EQ(options->bytes_max, 4 << 20);
  EXPECT_FALSE(options->include_body);
}

TEST(ConsumeRequestTest, OpensWithLimits) {
  pb::ConsumeRequest request;
  request.mutable_open()->set_subscription("crm");
  request.mutable_open()->set_max_outstanding_events(10'000);
  request.mutable_open()->set_max_outstanding_bytes(64 << 20);
  request.mutable_open()->set_include_body(true);
  const auto options = ToConsumerOptions(request);
  ASSERT_TRUE(options.ok()) << options.status();
  EXPECT_EQ(options->events_max, 10'000);
  EXPECT_EQ(options->bytes_max, 64 << 20);
  EXPECT_TRUE(options->include_body);
}

TEST(ConsumeRequestTest, NamesWhatKeepsItFromOpening) {
  EXPECT_EQ(Violation(ToConsumerOptions({}).status()),
            "open: expected in the first request");
  EXPECT_NE(OpenFault([](auto& o) {
              o.clear_subscription();
            }).find("open.subscription: expected 1 to 100"),
            std::string::npos);
  EXPECT_EQ(OpenFault([](auto& o) { o.set_max_outstanding_events(0); }),
            "open.max_outstanding_events: expected 1 to 10000, found 0");
  EXPECT_EQ(OpenFault([](auto& o) { o.set_max_outstanding_events(10'001); }),
            "open.max_outstanding_events: expected 1 to 10000, found 10001");
  EXPECT_EQ(OpenFault([](auto& o) { o.set_max_outstanding_bytes(0); }),
            "open.max_outstanding_bytes: expected 1 to 67108864, found 0");
  EXPECT_EQ(
      OpenFault([](auto& o) { o.set_max_outstanding_bytes(4294967295); }),
      "open.max_outstanding_bytes: expected 1 to 67108864, found 4294967295");
}

TEST(ConsumeRequestTest, ReadsEveryVerdict) {
  EXPECT_EQ(Read([](auto& v) { v.mutable_ack(); })->kind, Kind::kAck);
  EXPECT_EQ(Read([](auto& v) { v.mutable_ack(); })->sequence, 7);
  const auto retry = Read([](auto& v) { v.mutable_nack(); });
  EXPECT_EQ(retry->kind, Kind::kRetry);
  EXPECT_FALSE(retry->after.has_value());
  EXPECT_EQ(Read([](auto& v) {
              v.mutable_nack()->set_action(pb::NACK_ACTION_PARK);
            })->kind,
            Kind::kPark);
  EXPECT_EQ(Read([](auto& v) {
              v.mutable_nack()->set_action(pb::NACK_ACTION_SKIP);
            })->kind,
            Kind::kSkip);
  const auto extend = Read([](auto& v) { v.mutable_extend(); });
  EXPECT_EQ(extend->kind, Kind::kExtend);
  EXPECT_FALSE(extend->after.has_value());
}

TEST(ConsumeRequestTest, ReadsTimes) {
  EXPECT_EQ(Read([](auto& v) {
              v.mutable_nack()->mutable_retry_after()->set_seconds(0);
            })->after,
            std::chrono::seconds(0));
  EXPECT_EQ(Read([](auto& v) {
              v.mutable_nack()->mutable_retry_after()->set_nanos(1);
            })->after,
            std::chrono::microseconds(1));
  EXPECT_EQ(Read([](auto& v) {
              v.mutable_extend()->mutable_deadline()->set_seconds(600);
            })->after,
            std::chrono::seconds(600));
}

TEST(ConsumeRequestTest, NamesWhatIsNoVerdict) {
  EXPECT_EQ(Fault([](auto& v) {
              v.mutable_ack();
              v.set_sequence(0);
            }),
            "verdicts.sequence: expected that of an event, found 0");
  EXPECT_EQ(Fault([](auto& /*v*/) {}),
            "verdicts.verdict: expected one of ack, nack and extend");
  EXPECT_EQ(Fault([](auto& v) {
              v.mutable_nack()->set_action(static_cast<pb::NackAction>(99));
            }),
            "verdicts.nack.action: expected NACK_ACTION_RETRY, "
            "NACK_ACTION_PARK or NACK_ACTION_SKIP");
  EXPECT_EQ(Fault([](auto& v) {
              v.mutable_nack()->mutable_retry_after()->set_seconds(3601);
            }),
            "verdicts.nack.retry_after: expected 0 s to 3600 s, found 3601 s "
            "and 0 ns");
  EXPECT_EQ(Fault([](auto& v) {
              v.mutable_nack()->set_action(pb::NACK_ACTION_PARK);
              v.mutable_nack()->mutable_retry_after();
            }),
            "verdicts.nack.retry_after: expected none but with "
            "NACK_ACTION_RETRY");
  EXPECT_EQ(Fault([](auto& v) {
              v.mutable_extend()->mutable_deadline()->set_seconds(-1);
            }),
            "verdicts.extend.deadline: expected 1 s to 600 s, found -1 s and 0 "
            "ns");
  EXPECT_EQ(Fault([](auto& v) {
              v.mutable_extend()->mutable_deadline()->set_seconds(601);
            }),
            "verdicts.extend.deadline: expected 1 s to 600 s, found 601 s and "
            "0 ns");
}

TEST(ConsumeRequestTest, OneBadVerdictRefusesAll) {
  pb::ConsumeRequest request;
  request.add_verdicts()->set_sequence(7);
  request.mutable_verdicts(0)->mutable_ack();
  request.add_verdicts();
  EXPECT_FALSE(ToVerdicts(request).ok());
}

TEST(ConsumeRequestTest, VerdictsHaveALimit) {
  pb::ConsumeRequest request;
  for (int i = 1; i <= 10'000; ++i) {
    request.add_verdicts()->set_sequence(i);
    request.mutable_verdicts(i - 1)->mutable_ack();
  }
  EXPECT_EQ(ToVerdicts(request)->size(), 10'000);
  *request.add_verdicts() = request.verdicts(0);
  EXPECT_EQ(Violation(ToVerdicts(request).status()),
            "verdicts: expected at most 10000, found 10001");
}

}  // namespace
}  // namespace tuco::rpc

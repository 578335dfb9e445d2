#include "server/rpc/subscription_calls.h"

#include <gmock/gmock.h>
#include <google/protobuf/util/time_util.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <variant>
#include <vector>

#include "server/rpc/parked_events.h"
#include "server/rpc/subscription_settings.h"
#include "tests/server/rpc/bad_request.h"
#include "tests/server/rpc/fake_subscriptions.h"

namespace tuco::rpc {
namespace {

namespace pb = events::v1;
using google::protobuf::util::TimeUtil;
using ::testing::ElementsAre;
using testing::FakeSubscriptions;
using ::testing::IsEmpty;
using testing::Violation;

constexpr char kNoName[] =
    ": expected 1 to 100 of the characters a-z, 0-9, '-', '_' and '.', the "
    "first one a letter or a digit; found ";

class SubscriptionCallsTest : public ::testing::Test {
 protected:
  void Add(const std::string& name) {
    pb::Subscription subscription;
    subscription.set_mode(pb::SUBSCRIPTION_MODE_SHARED);
    subscriptions_.infos[name] = {.name = name,
                                  .settings = ToSettings(subscription).value()};
  }

  // The names of a page; its token is left in `token_`.
  std::vector<std::string> List(std::uint32_t page_size) {
    pb::ListSubscriptionsRequest request;
    request.set_page_size(page_size);
    request.set_page_token(token_);
    pb::ListSubscriptionsResponse response;
    EXPECT_TRUE(
        AnswerListSubscriptions(subscriptions_, request, {}, response).ok());
    token_ = response.next_page_token();
    std::vector<std::string> names;
    for (const auto& subscription : response.subscriptions()) {
      names.push_back(subscription.name());
    }
    return names;
  }

  FakeSubscriptions subscriptions_;
  std::string token_;
};

TEST_F(SubscriptionCallsTest, CreatesBehindTheNewestEventUnlessTold) {
  pb::CreateSubscriptionRequest request;
  request.mutable_subscription()->set_name("crm");
  request.mutable_subscription()->set_mode(pb::SUBSCRIPTION_MODE_CURSOR);
  pb::CreateSubscriptionResponse response;
  ASSERT_TRUE(AnswerCreateSubscription(subscriptions_, request, response).ok());
  EXPECT_EQ(response.subscription().name(), "crm");
  EXPECT_EQ(response.subscription().mode(), pb::SUBSCRIPTION_MODE_CURSOR);
  EXPECT_TRUE(response.subscription().has_progress());
  EXPECT_TRUE(std::holds_alternative<stream::Latest>(*subscriptions_.position));
}

TEST_F(SubscriptionCallsTest, CreatesWhereItIsTold) {
  pb::CreateSubscriptionRequest request;
  request.mutable_subscription()->set_name("crm");
  request.mutable_subscription()->set_mode(pb::SUBSCRIPTION_MODE_SHARED);
  request.set_after_sequence(0);
  pb::CreateSubscriptionResponse response;
  ASSERT_TRUE(AnswerCreateSubscription(subscriptions_, request, response).ok());
  EXPECT_EQ(std::get<stream::AfterSequence>(*subscriptions_.position).sequence,
            0);
  EXPECT_TRUE(absl::IsAlreadyExists(
      AnswerCreateSubscription(subscriptions_, request, response)));
}

TEST_F(SubscriptionCallsTest, RefusesNamesThatAreNone) {
  pb::CreateSubscriptionRequest request;
  request.mutable_subscription()->set_mode(pb::SUBSCRIPTION_MODE_CURSOR);
  const auto fault = [&](const std::string& name) {
    request.mutable_subscription()->set_name(name);
    pb::CreateSubscriptionResponse response;
    return Violation(
        AnswerCreateSubscription(subscriptions_, request, response));
  };
  const std::string field = std::string("subscription.name") + kNoName;
  EXPECT_EQ(fault(""), field + "0 characters");
  EXPECT_EQ(fault(std::string(101, 'a')), field + "101 characters");
  EXPECT_EQ(fault("Crm"), field + "another character");
  EXPECT_EQ(fault("-crm"), field + "another character");
  EXPECT_EQ(fault("c/rm"), field + "another character");
  EXPECT_EQ(fault(std::string("c\0rm", 4)), field + "another character");
  EXPECT_EQ(fault("c\xc3\xa4"), field + "another character");
  EXPECT_EQ(fault(std::string(100, 'a')), "no details");
  EXPECT_EQ(fault("0-_."), "no details");
}

TEST_F(SubscriptionCallsTest, EveryCallRefusesANameThatIsNone) {
  pb::GetSubscriptionResponse get;
  EXPECT_EQ(Violation(AnswerGetSubscription(subscriptions_, {}, get)),
            std::string("name") + kNoName + "0 characters");
  EXPECT_EQ(Violation(AnswerDeleteSubscription(subscriptions_, {})),
            std::string("name") + kNoName + "0 characters");
  pb::SeekSubscriptionResponse seek;
  EXPECT_EQ(Violation(AnswerSeekSubscription(subscriptions_, {}, seek)),
            std::string("name") + kNoName + "0 characters");
  pb::UpdateSubscriptionResponse update;
  EXPECT_EQ(Violation(AnswerUpdateSubscription(subscriptions_, {}, update)),
            std::string("subscription.name") + kNoName + "0 characters");
  pb::AcknowledgeResponse acknowledge;
  EXPECT_EQ(Violation(AnswerAcknowledge(subscriptions_, {}, acknowledge)),
            std::string("subscription") + kNoName + "0 characters");
  pb::ListParkedResponse list;
  EXPECT_EQ(Violation(AnswerListParked(subscriptions_, {}, {}, list)),
            std::string("subscription") + kNoName + "0 characters");
  pb::ReplayParkedResponse replay;
  EXPECT_EQ(Violation(AnswerReplayParked(subscriptions_, {}, replay)),
            std::string("subscription") + kNoName + "0 characters");
}

TEST_F(SubscriptionCallsTest, UpdatesUnderAMask) {
  Add("crm");
  pb::UpdateSubscriptionRequest request;
  request.mutable_subscription()->set_name("crm");
  request.mutable_subscription()->set_max_deliveries(3);
  pb::UpdateSubscriptionResponse response;
  EXPECT_THAT(
      Violation(AnswerUpdateSubscription(subscriptions_, request, response)),
      ::testing::StartsWith("update_mask: "));
  request.mutable_update_mask()->add_paths("max_deliveries");
  ASSERT_TRUE(AnswerUpdateSubscription(subscriptions_, request, response).ok());
  EXPECT_EQ(response.subscription().max_deliveries(), 3);
  EXPECT_EQ(response.subscription().ack_deadline().seconds(), 30);
  request.mutable_subscription()->set_name("other");
  EXPECT_TRUE(absl::IsNotFound(
      AnswerUpdateSubscription(subscriptions_, request, response)));
}

TEST_F(SubscriptionCallsTest, DescribesProgress) {
  Add("crm");
  stream::SubscriptionInfo& info = subscriptions_.infos["crm"];
  info.settled_through = 5;
  info.head = 9;
  info.lag_events = 4;
  info.oldest_unacknowledged = 6;
  info.oldest_age = std::chrono::milliseconds(1500);
  info.outstanding = 2;
  info.waiting = 1;
  info.parked = 3;
  info.readers = 7;
  info.created_at = Timestamp(std::chrono::seconds(11));
  info.active_at = Timestamp(std::chrono::microseconds(12'000'013));
  pb::GetSubscriptionRequest request;
  request.set_name("crm");
  pb::GetSubscriptionResponse response;
  ASSERT_TRUE(AnswerGetSubscription(subscriptions_, request, response).ok());
  const pb::SubscriptionProgress& progress = response.subscription().progress();
  EXPECT_EQ(progress.settled_through(), 5);
  EXPECT_EQ(progress.head_sequence(), 9);
  EXPECT_EQ(progress.lag_events(), 4);
  EXPECT_EQ(progress.oldest_unacknowledged(), 6);
  EXPECT_EQ(progress.oldest_unacknowledged_seconds(), 1.5);
  EXPECT_EQ(progress.outstanding(), 2);
  EXPECT_EQ(progress.waiting(), 1);
  EXPECT_EQ(progress.parked(), 3);
  EXPECT_EQ(progress.readers(), 7);
  EXPECT_EQ(progress.created_at().seconds(), 11);
  EXPECT_EQ(TimeUtil::TimestampToMicroseconds(progress.active_at()),
            12'000'013);
}

TEST_F(SubscriptionCallsTest, WithNothingUnsettledThereIsNoOldest) {
  Add("crm");
  pb::GetSubscriptionRequest request;
  request.set_name("crm");
  pb::GetSubscriptionResponse response;
  ASSERT_TRUE(AnswerGetSubscription(subscriptions_, request, response).ok());
  EXPECT_FALSE(response.subscription().progress().has_oldest_unacknowledged());
}

TEST_F(SubscriptionCallsTest, ListsPageByPage) {
  for (const char* name : {"a", "b", "b.1", "c"}) Add(name);
  EXPECT_THAT(List(3), ElementsAre("a", "b", "b.1"));
  EXPECT_THAT(List(3), ElementsAre("c"));
  EXPECT_EQ(token_, "");
  EXPECT_THAT(List(4), ElementsAre("a", "b", "b.1", "c"));
  EXPECT_EQ(token_, "");
}

TEST_F(SubscriptionCallsTest, APageOfLargeSubscriptionsEndsEarly) {
  pb::Subscription large;
  large.set_mode(pb::SUBSCRIPTION_MODE_CURSOR);
  large.mutable_filter()->set_phone(std::string(65'000, '5'));
  const auto settings = ToSettings(large).value();
  for (int i = 100; i < 200; ++i) {
    const std::string name = std::to_string(i);
    subscriptions_.infos[name] = {.name = name, .settings = settings};
  }
  std::size_t found = 0;
  int pages = 0;
  do {
    found += List(1000).size();
    ++pages;
  } while (!token_.empty());
  EXPECT_EQ(found, 100);
  EXPECT_EQ(pages, 3);
}

TEST_F(SubscriptionCallsTest, RefusesPagesThatAreNone) {
  pb::ListSubscriptionsResponse response;
  pb::ListSubscriptionsRequest request;
  request.set_page_size(0);
  EXPECT_EQ(
      Violation(AnswerListSubscriptions(subscriptions_, request, {}, response)),
      "page_size: expected 1 to 1000, found 0");
  request.set_page_size(1001);
  EXPECT_EQ(
      Violation(AnswerListSubscriptions(subscriptions_, request, {}, response)),
      "page_size: expected 1 to 1000, found 1001");
  request.clear_page_size();
  for (const char* token : {"after_", "crm", "after_Crm", "q_7"}) {
    request.set_page_token(token);
    EXPECT_EQ(
        Violation(
            AnswerListSubscriptions(subscriptions_, request, {}, response)),
        "page_token: expected the next_page_token of an earlier response");
  }
}

TEST_F(SubscriptionCallsTest, DeletesOnce) {
  Add("crm");
  pb::DeleteSubscriptionRequest request;
  request.set_name("crm");
  EXPECT_TRUE(AnswerDeleteSubscription(subscriptions_, request).ok());
  EXPECT_TRUE(
      absl::IsNotFound(AnswerDeleteSubscription(subscriptions_, request)));
}

TEST_F(SubscriptionCallsTest, SeeksOnlyWithAPosition) {
  Add("crm");
  pb::SeekSubscriptionRequest request;
  request.set_name("crm");
  pb::SeekSubscriptionResponse response;
  EXPECT_EQ(
      Violation(AnswerSeekSubscription(subscriptions_, request, response)),
      "position: expected one of after_sequence, anchor and from_time");
  request.set_anchor(pb::ANCHOR_UNSPECIFIED);
  EXPECT_EQ(
      Violation(AnswerSeekSubscription(subscriptions_, request, response)),
      "anchor: expected ANCHOR_EARLIEST or ANCHOR_LATEST");
  request.mutable_from_time()->set_nanos(-1);
  EXPECT_EQ(
      Violation(AnswerSeekSubscription(subscriptions_, request, response)),
      "from_time: expected a time of the years 0001 to 9999");
  request.set_anchor(pb::ANCHOR_EARLIEST);
  EXPECT_TRUE(AnswerSeekSubscription(subscriptions_, request, response).ok());
  EXPECT_TRUE(
      std::holds_alternative<stream::Earliest>(*subscriptions_.position));
}

TEST_F(SubscriptionCallsTest, Acknowledges) {
  Add("crm");
  pb::AcknowledgeRequest request;
  request.set_subscription("crm");
  request.set_through_sequence(7);
  pb::AcknowledgeResponse response;
  ASSERT_TRUE(AnswerAcknowledge(subscriptions_, request, response).ok());
  EXPECT_EQ(response.acknowledged_through(), 7);
  subscriptions_.refusal = absl::FailedPreconditionError("it is SHARED");
  EXPECT_TRUE(absl::IsFailedPrecondition(
      AnswerAcknowledge(subscriptions_, request, response)));
}

log::ParkedEvent Parked(std::uint64_t sequence) {
  pb::Event event;
  event.set_type_name("message.reply");
  log::ParkedEvent parked;
  parked.sequence = sequence;
  parked.epoch = 2;
  parked.recorded_at = Timestamp(std::chrono::seconds(5));
  parked.event = event.SerializeAsString();
  parked.body = "{}";
  parked.deliveries = 20;
  parked.reason = pb::PARK_REASON_MAX_DELIVERIES;
  parked.parked_at = Timestamp(std::chrono::seconds(6));
  parked.replaying = true;
  return parked;
}

TEST_F(SubscriptionCallsTest, ListsWhatIsParked) {
  Add("crm");
  subscriptions_.parked.events = {Parked(7), Parked(9)};
  pb::ListParkedRequest request;
  request.set_subscription("crm");
  request.set_page_size(2);
  request.set_page_token("after_6");
  request.set_include_body(true);
  pb::ListParkedResponse response;
  ASSERT_TRUE(AnswerListParked(subscriptions_, request, {}, response).ok());
  EXPECT_EQ(subscriptions_.after, 6);
  EXPECT_EQ(subscriptions_.count, 2);
  EXPECT_TRUE(subscriptions_.bodies);
  ASSERT_EQ(response.events_size(), 2);
  const pb::ParkedEvent& parked = response.events(0);
  EXPECT_EQ(parked.event().sequence(), 7);
  EXPECT_EQ(parked.event().epoch(), 2);
  EXPECT_EQ(parked.event().type_name(), "message.reply");
  EXPECT_EQ(parked.event().recorded_at().seconds(), 5);
  EXPECT_EQ(parked.event().body(), "{}");
  EXPECT_EQ(parked.deliveries(), 20);
  EXPECT_EQ(parked.reason(), pb::PARK_REASON_MAX_DELIVERIES);
  EXPECT_EQ(parked.parked_at().seconds(), 6);
  EXPECT_TRUE(parked.replaying());
  EXPECT_EQ(response.next_page_token(), "after_9");
}

TEST_F(SubscriptionCallsTest, LeavesOutWhatIsParkedBeyondReach) {
  Add("crm");
  subscriptions_.parked = {.events = {Parked(7), Parked(9)}, .end = true};
  pb::Event theirs;
  theirs.set_endpoint("crm");
  subscriptions_.parked.events[1].event = theirs.SerializeAsString();
  pb::ListParkedRequest request;
  request.set_subscription("crm");
  pb::ListParkedResponse response;
  const log::Reach reach{.endpoints = {"crm"}, .workspaces = {}};
  ASSERT_TRUE(AnswerListParked(subscriptions_, request, reach, response).ok());
  ASSERT_EQ(response.events_size(), 1);
  EXPECT_EQ(response.events(0).event().sequence(), 9);
}

TEST_F(SubscriptionCallsTest, TheLastPageOfWhatIsParkedHasNoToken) {
  Add("crm");
  subscriptions_.parked = {.events = {Parked(7)}, .end = true};
  pb::ListParkedRequest request;
  request.set_subscription("crm");
  pb::ListParkedResponse response;
  ASSERT_TRUE(AnswerListParked(subscriptions_, request, {}, response).ok());
  EXPECT_EQ(response.next_page_token(), "");
  EXPECT_FALSE(response.events(0).event().has_body());
  request.set_page_token("7");
  EXPECT_EQ(Violation(AnswerListParked(subscriptions_, request, {}, response)),
            "page_token: expected the next_page_token of an earlier response");
}

TEST_F(SubscriptionCallsTest, WhatIsParkedAndNoEventIsDataLoss) {
  Add("crm");
  subscriptions_.parked.events = {Parked(7)};
  subscriptions_.parked.events[0].event = "\xff";
  pb::ListParkedRequest request;
  request.set_subscription("crm");
  pb::ListParkedResponse response;
  EXPECT_TRUE(absl::IsDataLoss(
      AnswerListParked(subscriptions_, request, {}, response)));
}

TEST_F(SubscriptionCallsTest, ReplaysTheseOrAll) {
  Add("crm");
  subscriptions_.replayed = {.count = 1, .not_parked = {9}};
  pb::ReplayParkedRequest request;
  request.set_subscription("crm");
  pb::ReplayParkedResponse response;
  EXPECT_EQ(Violation(AnswerReplayParked(subscriptions_, request, response)),
            "sequences: expected some, or all, found neither");
  request.add_sequences(7);
  request.add_sequences(9);
  ASSERT_TRUE(AnswerReplayParked(subscriptions_, request, response).ok());
  EXPECT_THAT(subscriptions_.sequences, ElementsAre(7, 9));
  EXPECT_EQ(response.replayed(), 1);
  EXPECT_THAT(response.not_parked(), ElementsAre(9));
  request.set_all(true);
  EXPECT_EQ(Violation(AnswerReplayParked(subscriptions_, request, response)),
            "sequences: expected some, or all, found both");
  request.clear_sequences();
  ASSERT_TRUE(AnswerReplayParked(subscriptions_, request, response).ok());
  EXPECT_THAT(subscriptions_.sequences, IsEmpty());
}

TEST_F(SubscriptionCallsTest, ReplaysSoManyAtOnce) {
  Add("crm");
  pb::ReplayParkedRequest request;
  request.set_subscription("crm");
  for (std::uint64_t i = 1; i <= 1000; ++i) request.add_sequences(i);
  pb::ReplayParkedResponse response;
  EXPECT_TRUE(AnswerReplayParked(subscriptions_, request, response).ok());
  request.add_sequences(1001);
  EXPECT_EQ(Violation(AnswerReplayParked(subscriptions_, request, response)),
            "sequences: expected at most 1000, found 1001");
}

}  // namespace
}  // namespace tuco::rpc

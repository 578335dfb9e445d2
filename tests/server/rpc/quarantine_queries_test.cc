#include "server/rpc/quarantine_queries.h"

#include <gmock/gmock.h>
#include <google/protobuf/util/time_util.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "tests/server/rpc/bad_request.h"
#include "tests/server/rpc/fake_quarantine.h"

namespace tuco::rpc {
namespace {

namespace pb = events::v1;
using google::protobuf::util::TimeUtil;
using ::testing::ElementsAre;
using testing::FakeQuarantine;
using ::testing::IsEmpty;
using testing::MakeEntry;
using testing::Violation;

class QuarantineQueriesTest : public ::testing::Test {
 protected:
  log::QuarantineEntry& Add(std::uint64_t id) {
    return quarantine_.entries[id] = MakeEntry(id);
  }

  // The ids of the page that `request` asks for.
  std::vector<std::string> List(const pb::ListQuarantineRequest& request) {
    response_.Clear();
    EXPECT_TRUE(AnswerList(quarantine_, request, response_).ok());
    std::vector<std::string> ids;
    ids.reserve(response_.deliveries_size());
    for (const auto& delivery : response_.deliveries()) {
      ids.push_back(delivery.id());
    }
    return ids;
  }

  // The ids that a filter lets through.
  std::vector<std::string> Filtered(
      const std::function<void(pb::QuarantineFilter&)>& change) {
    pb::ListQuarantineRequest request;
    change(*request.mutable_filter());
    return List(request);
  }

  FakeQuarantine quarantine_;
  pb::ListQuarantineResponse response_;
};

TEST_F(QuarantineQueriesTest, ListsInOrderWithoutHeadersAndBodies) {
  Add(8);
  Add(7);
  EXPECT_THAT(List({}), ElementsAre("q_7", "q_8"));
  EXPECT_EQ(response_.next_page_token(), "");
  const pb::QuarantinedDelivery& delivery = response_.deliveries(0);
  EXPECT_EQ(delivery.state(), pb::QUARANTINE_STATE_HELD);
  EXPECT_EQ(delivery.reason(), pb::REASON_SIGNATURE_MISMATCH);
  EXPECT_EQ(delivery.endpoint(), "tuco");
  EXPECT_EQ(delivery.source(), "192.0.2.7");
  EXPECT_EQ(TimeUtil::ToString(delivery.received_at()), "2026-04-15T12:00:00Z");
  EXPECT_EQ(delivery.body_bytes(), 2);
  EXPECT_FALSE(delivery.verified());
  EXPECT_FALSE(delivery.held_back());
  EXPECT_FALSE(delivery.has_body());
  EXPECT_FALSE(delivery.has_sequence());
  EXPECT_FALSE(delivery.has_settled_at());
  EXPECT_THAT(delivery.headers(), IsEmpty());
}

TEST_F(QuarantineQueriesTest, SaysWhatBecameOfAnEntry) {
  log::QuarantineEntry& entry = Add(1);
  entry.verified = true;
  entry.held_back = true;
  entry.state = log::QuarantineState::kReleased;
  entry.sequence = 42;
  entry.settled_at = entry.received_at + std::chrono::microseconds(1);
  List({});
  const pb::QuarantinedDelivery& delivery = response_.deliveries(0);
  EXPECT_TRUE(delivery.verified());
  EXPECT_TRUE(delivery.held_back());
  EXPECT_EQ(delivery.state(), pb::QUARANTINE_STATE_RELEASED);
  EXPECT_EQ(delivery.sequence(), 42);
  EXPECT_EQ(TimeUtil::ToString(delivery.settled_at()),
            "2026-04-15T12:00:00.000001Z");
}

TEST_F(QuarantineQueriesTest, ListsPageByPage) {
  for (std::uint64_t id = 1; id <= 5; ++id) Add(id);
  pb::ListQuarantineRequest request;
  request.set_page_size(2);
  EXPECT_THAT(List(request), ElementsAre("q_1", "q_2"));
  request.set_page_token(response_.next_page_token());
  EXPECT_THAT(List(request), ElementsAre("q_3", "q_4"));
  request.set_page_token(response_.next_page_token());
  EXPECT_THAT(List(request), ElementsAre("q_5"));
  EXPECT_EQ(response_.next_page_token(), "");
}

TEST_F(QuarantineQueriesTest, APageIsFullHoweverRareItsEntriesAre) {
  quarantine_.scan_max = 1;
  for (std::uint64_t id = 1; id <= 6; ++id) Add(id).verified = id % 2 == 0;
  pb::ListQuarantineRequest request;
  request.set_page_size(2);
  request.mutable_filter()->set_verified(true);
  EXPECT_THAT(List(request), ElementsAre("q_2", "q_4"));
  request.set_page_token(response_.next_page_token());
  EXPECT_THAT(List(request), ElementsAre("q_6"));
}

TEST_F(QuarantineQueriesTest, APageHasAHundredEntriesUnlessSaid) {
  for (std::uint64_t id = 1; id <= 101; ++id) Add(id);
  EXPECT_EQ(List({}).size(), 100);
  pb::ListQuarantineRequest request;
  request.set_page_size(1000);
  EXPECT_EQ(List(request).size(), 101);
}

TEST_F(QuarantineQueriesTest, Filters) {
  Add(1).state = log::QuarantineState::kPurged;
  Add(2).verified = true;
  Add(3).reason = static_cast<std::uint32_t>(Reason::kEndpointUnknown);
  Add(4).source = "2001:db8::1";
  Add(5).endpoint = "eu";
  EXPECT_THAT(Filtered([](auto& filter) {
                filter.add_states(pb::QUARANTINE_STATE_PURGED);
              }),
              ElementsAre("q_1"));
  EXPECT_THAT(Filtered([](auto& filter) { filter.set_verified(true); }),
              ElementsAre("q_2"));
  EXPECT_THAT(Filtered([](auto& filter) {
                filter.add_reasons(pb::REASON_ENDPOINT_UNKNOWN);
                filter.add_reasons(pb::REASON_REPLAY_BOUNDS);
              }),
              ElementsAre("q_3"));
  EXPECT_THAT(Filtered([](auto& filter) { filter.set_source("2001:db8::1"); }),
              ElementsAre("q_4"));
  EXPECT_THAT(Filtered([](auto& filter) { filter.set_endpoint("eu"); }),
              ElementsAre("q_5"));
  EXPECT_THAT(Filtered([](auto& filter) {
                filter.set_endpoint("eu");
                filter.set_verified(true);
              }),
              IsEmpty());
}

TEST_F(QuarantineQueriesTest, ShowsAReasonThatItDoesNotKnowByItsNumber) {
  Add(1).reason = 77;
  EXPECT_THAT(List({}), ElementsAre("q_1"));
  EXPECT_EQ(static_cast<int>(response_.deliveries(0).reason()), 77);
  EXPECT_THAT(Filtered([](auto& filter) {
                filter.add_reasons(pb::REASON_SIGNATURE_MISMATCH);
              }),
              IsEmpty());
}

TEST_F(QuarantineQueriesTest, NamesTheFieldOfAListThatIsAtFault) {
  const auto fault = [this](auto change) {
    pb::ListQuarantineRequest request;
    change(request);
    return Violation(AnswerList(quarantine_, request, response_));
  };
  using Request = pb::ListQuarantineRequest;
  EXPECT_EQ(fault([](Request& r) { r.set_page_size(0); }),
            "page_size: expected 1 to 1000, found 0");
  EXPECT_EQ(fault([](Request& r) { r.set_page_size(1001); }),
            "page_size: expected 1 to 1000, found 1001");
  EXPECT_EQ(fault([](Request& r) { r.set_page_token("7"); }),
            "page_token: expected the next_page_token of an earlier response");
  EXPECT_EQ(fault([](Request& r) {
              r.mutable_filter()->add_states(pb::QUARANTINE_STATE_UNSPECIFIED);
            }),
            "filter.states: expected known values");
  EXPECT_EQ(fault([](Request& r) {
              r.mutable_filter()->add_reasons(static_cast<pb::Reason>(-1));
            }),
            "filter.reasons: expected known values");
}

TEST_F(QuarantineQueriesTest, ADamagedEntryEndsAList) {
  quarantine_.list_status = absl::DataLossError("entry 7 is damaged");
  EXPECT_EQ(AnswerList(quarantine_, {}, response_), quarantine_.list_status);
}

TEST_F(QuarantineQueriesTest, GetsHeadersAndBody) {
  Add(7).body = std::string("\xff\0", 2);
  pb::GetQuarantinedRequest request;
  request.set_id("q_7");
  pb::GetQuarantinedResponse response;
  ASSERT_TRUE(AnswerGet(quarantine_, request, response).ok());
  const pb::QuarantinedDelivery& delivery = response.delivery();
  EXPECT_EQ(delivery.id(), "q_7");
  EXPECT_EQ(delivery.body(), std::string("\xff\0", 2));
  ASSERT_EQ(delivery.headers_size(), 2);
  EXPECT_EQ(delivery.headers(0).name(), "x-tuco-signature");
  EXPECT_EQ(delivery.headers(0).value(), "00");
  EXPECT_EQ(delivery.headers(1).name(), "x-tuco-event");
  EXPECT_THAT(response.findings(), IsEmpty());
}

TEST_F(QuarantineQueriesTest, TextIsAlwaysUtf8) {
  log::QuarantineEntry& entry = Add(7);
  entry.endpoint = "a\xff";
  entry.headers = "x-y: b\xc3\n";
  pb::GetQuarantinedRequest request;
  request.set_id("q_7");
  pb::GetQuarantinedResponse response;
  ASSERT_TRUE(AnswerGet(quarantine_, request, response).ok());
  EXPECT_EQ(response.delivery().endpoint(), "a\uFFFD");
  EXPECT_EQ(response.delivery().headers(0).value(), "b\uFFFD");
  EXPECT_THAT(Filtered([](auto& filter) { filter.set_endpoint("a\uFFFD"); }),
              ElementsAre("q_7"));
}

TEST_F(QuarantineQueriesTest, ExplainsWhatIsUnverifiedAndHasABody) {
  Add(7);
  Add(8).body.reset();
  Add(9).verified = true;
  quarantine_.findings = {HintFinding(FindingKind::kBodyTruncated)};
  const auto findings = [this](const std::string& id, bool explain) {
    pb::GetQuarantinedRequest request;
    request.set_id(id);
    request.set_explain(explain);
    pb::GetQuarantinedResponse response;
    EXPECT_TRUE(AnswerGet(quarantine_, request, response).ok());
    return response.findings();
  };
  EXPECT_THAT(findings("q_7", false), IsEmpty());
  EXPECT_THAT(findings("q_8", true), IsEmpty());
  EXPECT_THAT(findings("q_9", true), IsEmpty());
  ASSERT_EQ(findings("q_7", true).size(), 1);
  const pb::Finding finding = findings("q_7", true)[0];
  EXPECT_EQ(finding.kind(), pb::FINDING_KIND_BODY_TRUNCATED);
  EXPECT_EQ(finding.certainty(), pb::CERTAINTY_HINT);
  EXPECT_FALSE(finding.text().empty());
}

TEST_F(QuarantineQueriesTest, SaysWhenThereIsNoSuchEntry) {
  pb::GetQuarantinedRequest request;
  request.set_id("q_7");
  pb::GetQuarantinedResponse response;
  EXPECT_TRUE(absl::IsNotFound(AnswerGet(quarantine_, request, response)));
  for (const char* id : {"", "7", "q_", "q_0", "q_7 ", "q_-1"}) {
    request.set_id(id);
    EXPECT_THAT(Violation(AnswerGet(quarantine_, request, response)),
                ::testing::StartsWith("id: "))
        << id;
  }
}

}  // namespace
}  // namespace tuco::rpc

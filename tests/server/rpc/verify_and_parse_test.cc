#include "server/rpc/verify_and_parse.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "server/base/metrics.h"
#include "server/log/committer.h"
#include "server/log/event_log.h"
#include "server/rpc/limits.h"
#include "tests/server/base/fake_clock.h"
#include "tests/server/rpc/bad_request.h"
#include "tuco/signature_verifier.h"

namespace tuco::rpc {
namespace {

namespace pb = events::v1;
using testing::Violation;

constexpr char kSecret[] = "whsec_0123456789abcdef";
constexpr char kOtherSecret[] = "whsec_fedcba9876543210";
constexpr std::size_t kBodyBytesMax = 256UL * 1024;

class VerifyAndParseTest : public ::testing::Test {
 protected:
  VerifyAndParseTest()
      : log_(log::MakeMemoryLog(clock_)),
        committer_(log::Committer::Start(*log_, {}, [](auto) {})),
        endpoints_(receiver::Endpoints::Create(
                       {{.name = "tuco", .secrets = {{"main", kSecret}}},
                        {.name = "eu", .secrets = {{"blue", kOtherSecret}}}})
                       .value()),
        quarantine_(receiver::Quarantine::Create(endpoints_, *log_, *committer_,
                                                 clock_, metrics_)),
        receiver_(endpoints_, *committer_, *quarantine_, clock_, metrics_,
                  kBodyBytesMax) {}

  pb::VerifyAndParseRequest& Add(const std::string& body,
                                 const std::string& signed_text,
                                 std::string_view secret = kSecret) {
    pb::VerifyAndParseRequest& delivery = *batch_.add_deliveries();
    delivery.set_body(body);
    delivery.set_signature(Sign(signed_text, secret).value());
    return delivery;
  }
  void AddGenuine(const std::string& body) { Add(body, body); }
  // Cheap ones, all of them SIGNATURE_MISSING.
  void AddUnsigned(int count) {
    for (int i = 0; i < count; ++i) batch_.add_deliveries();
  }

  absl::Status AnswerAll() {
    return AnswerBatch(
        receiver_, batch_, [] { return false; }, response_);
  }

  base::FakeClock clock_;
  base::Metrics metrics_;
  std::unique_ptr<log::EventLog> log_;
  std::unique_ptr<log::Committer> committer_;
  receiver::CurrentEndpoints endpoints_;
  std::unique_ptr<receiver::Quarantine> quarantine_;
  receiver::Receiver receiver_;
  pb::VerifyAndParseBatchRequest batch_;
  pb::VerifyAndParseBatchResponse response_;
};

TEST_F(VerifyAndParseTest, AnEmptyBatchHasAnEmptyAnswer) {
  EXPECT_TRUE(AnswerAll().ok());
  EXPECT_EQ(response_.results_size(), 0);
}

TEST_F(VerifyAndParseTest, AnswersEachDeliveryOfABatchAsItIsAnsweredAlone) {
  const std::string body = R"({"event":"message.sent"})";
  for (int i = 0; i < 40; ++i) {
    AddGenuine(body + std::string(i, ' '));
    Add(body, body, kOtherSecret);
    Add(body, body, kOtherSecret).set_endpoint("tuco");
    Add(body, body).set_endpoint("nobody");
    Add(body, body).set_event_header("message.reply");
    Add(body, body).set_timestamp_header("yesterday");
    Add(body + "\n", body);
    Add(body, body + "\n").set_explain(true);
    Add(body, body, "whsec_unknown_01234567").set_explain(true);
    Add(body, body).set_explain(true);
    Add(body, body).clear_signature();
    AddUnsigned(1);
  }
  AddGenuine(std::string(kBodyBytesMax + 1, ' '));
  ASSERT_TRUE(AnswerAll().ok());
  ASSERT_EQ(response_.results_size(), batch_.deliveries_size());
  for (int i = 0; i < batch_.deliveries_size(); ++i) {
    pb::VerifyAndParseResponse alone;
    Answer(receiver_, batch_.deliveries(i), alone);
    EXPECT_EQ(response_.results(i).SerializeAsString(),
              alone.SerializeAsString())
        << i;
  }
}

TEST_F(VerifyAndParseTest, ADeliveryAboveTheLimitOfBodiesIsAnAnswer) {
  AddGenuine(std::string(kBodyBytesMax + 1, ' '));
  AddGenuine("{}");
  ASSERT_TRUE(AnswerAll().ok());
  EXPECT_EQ(response_.results(0).rejection().reason(),
            pb::REASON_BODY_TOO_LARGE);
  EXPECT_TRUE(response_.results(1).has_event());
}

TEST_F(VerifyAndParseTest, ExplainsTheDeliveriesThatAskForIt) {
  Add("{}", "{}\n").set_explain(true);
  Add("{}", "{}\n");
  ASSERT_TRUE(AnswerAll().ok());
  ASSERT_EQ(response_.results(0).rejection().findings_size(), 1);
  EXPECT_EQ(response_.results(0).rejection().findings(0).kind(),
            pb::FINDING_KIND_BODY_LACKS_LINE_BREAK);
  EXPECT_EQ(response_.results(1).rejection().findings_size(), 0);
}

TEST_F(VerifyAndParseTest, TakesAtMost1024Deliveries) {
  AddUnsigned(kBatchDeliveriesMax);
  EXPECT_TRUE(AnswerAll().ok());
  EXPECT_EQ(response_.results_size(), 1024);
  AddUnsigned(1);
  EXPECT_EQ(Violation(AnswerAll()),
            "deliveries: expected at most 1024 entries, found 1025");
}

TEST_F(VerifyAndParseTest, TakesAtMost4MiBOfBodies) {
  for (std::size_t bytes = 0; bytes < kBatchBodyBytesMax;
       bytes += kBodyBytesMax) {
    batch_.add_deliveries()->set_body(std::string(kBodyBytesMax, ' '));
  }
  EXPECT_TRUE(AnswerAll().ok());
  EXPECT_EQ(response_.results_size(), 16);
  batch_.add_deliveries()->set_body(" ");
  EXPECT_EQ(Violation(AnswerAll()),
            "deliveries.body: expected at most 4194304 bytes in all of them "
            "together, found 4194305");
}

TEST_F(VerifyAndParseTest, TheLargestBatchIsNoTooLargeARequest) {
  const std::string header(200, 'h');
  for (int i = 0; i < kBatchDeliveriesMax; ++i) {
    pb::VerifyAndParseRequest& delivery = *batch_.add_deliveries();
    delivery.set_body(std::string(kBatchBodyBytesMax / 1024, ' '));
    delivery.set_signature(std::string(64, '0'));
    delivery.set_event_header(header);
    delivery.set_timestamp_header(header);
    delivery.set_endpoint(std::string(64, 'e'));
    delivery.set_explain(true);
  }
  EXPECT_LT(batch_.ByteSizeLong(), std::size_t{kRequestBytesMax});
}

TEST_F(VerifyAndParseTest, StopsWhenNobodyWaitsForTheAnswers) {
  AddUnsigned(200);
  int asked = 0;
  const auto second_time = [&asked] { return ++asked == 2; };
  EXPECT_EQ(AnswerBatch(receiver_, batch_, second_time, response_).code(),
            absl::StatusCode::kCancelled);
  EXPECT_EQ(response_.results_size(), 64);
}

TEST_F(VerifyAndParseTest, ExplainsNothingWhenNobodyWaitsForTheAnswers) {
  AddUnsigned(10);
  Add("{}", "{}\n").set_explain(true);
  int asked = 0;
  const auto second_time = [&asked] { return ++asked == 2; };
  EXPECT_EQ(AnswerBatch(receiver_, batch_, second_time, response_).code(),
            absl::StatusCode::kCancelled);
  EXPECT_EQ(response_.results_size(), 10);
}

}  // namespace
}  // namespace tuco::rpc

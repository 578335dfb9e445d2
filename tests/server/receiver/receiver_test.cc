#include "server/receiver/receiver.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <variant>
#include <vector>

#include "server/base/metrics.h"
#include "server/log/committer.h"
#include "server/log/event_log.h"
#include "tests/server/base/fake_clock.h"
#include "tests/server/log/forwarding_log.h"
#include "tuco/event_id.h"
#include "tuco/events/v1/event.pb.h"

namespace tuco::receiver {
namespace {

using ::testing::HasSubstr;

constexpr char kSecret[] = "whsec_first_0123456789";
constexpr char kOtherSecret[] = "whsec_other_0123456789";
// What the fake clock says.
constexpr char kNow[] = "2026-04-15T12:00:00Z";

std::string Body(const std::string& timestamp,
                 const std::string& id = "msg_1") {
  return R"({"event":"message.sent","timestamp":")" + timestamp +
         R"(","workspaceId":"org_1","data":{"messageId":")" + id + R"("}})";
}

// A log whose appends fail while it is told so.
class FailingLog final : public log::ForwardingLog {
 public:
  using ForwardingLog::ForwardingLog;
  absl::Status Commit(const log::Batch& batch) override {
    return failure.ok() ? ForwardingLog::Commit(batch) : failure;
  }
  absl::Status Probe() override { return failure; }

  absl::Status failure;
};

class ReceiverTest : public ::testing::Test {
 protected:
  ReceiverTest() : log_(log::MakeMemoryLog(clock_)) {
    EndpointConfig tuco{.name = "tuco",
                        .secrets = {{"main", kSecret}},
                        .tolerance = std::chrono::seconds(300),
                        .workspaces = {}};
    EndpointConfig other{.name = "other",
                         .secrets = {{"a", kOtherSecret}, {"b", kSecret}},
                         .tolerance = std::chrono::seconds(300),
                         .workspaces = {"org_2"}};
    EndpointConfig raw{.name = "raw",
                       .secrets = {{"main", kSecret}},
                       .mode = VerifyMode::kRaw};
    endpoints_.emplace(Endpoints::Create({tuco, other, raw}).value());
    committer_ = log::Committer::Start(log_, {}, [](auto) {});
    quarantine_ =
        Quarantine::Create(*endpoints_, log_, *committer_, clock_, metrics_);
    receiver_ =
        std::make_unique<Receiver>(*endpoints_, *committer_, *quarantine_,
                                   clock_, metrics_, kBodyBytesMax);
  }

  static constexpr std::size_t kBodyBytesMax = 256UL * 1024;

  static Delivery Signed(const std::string& body,
                         const std::string& signature) {
    Delivery delivery;
    delivery.body = body;
    delivery.signatures = 1;
    delivery.signature = signature;
    return delivery;
  }

  // A delivery of `signed_text` that was reformatted into `body`.
  Answer ReceiveReformatted(const std::string& body,
                            const std::string& signed_text,
                            const std::string& endpoint = "tuco") {
    const std::string signature = Sign(signed_text, kSecret).value();
    return Receive(endpoint, Signed(body, signature));
  }

  Answer Receive(const std::string& endpoint, const Delivery& delivery) {
    std::promise<Answer> answer;
    receiver_->Receive(endpoint, delivery, [&answer](Answer result) {
      answer.set_value(std::move(result));
    });
    return answer.get_future().get();
  }

  Answer ReceiveBody(const std::string& body,
                     const std::string& secret = kSecret,
                     const std::string& endpoint = "tuco") {
    const std::string signature = Sign(body, secret).value();
    return Receive(endpoint, Signed(body, signature));
  }

  // The newest event in the log.
  events::v1::Event Newest() {
    events::v1::Event event;
    const auto read =
        log_.Read({.after = log_.bounds().head - 1}, {},
                  [&event](const RecordColumns& columns) {
                    EXPECT_TRUE(event.ParseFromArray(
                        columns.event.data(), int(columns.event.size())));
                  });
    EXPECT_TRUE(read.ok());
    return event;
  }

  bool NewestHas(events::v1::Flag flag) {
    const events::v1::Event event = Newest();
    return std::find(event.flags().begin(), event.flags().end(), flag) !=
           event.flags().end();
  }

  base::FakeClock clock_;
  FailingLog log_;
  base::Metrics metrics_;
  std::optional<CurrentEndpoints> endpoints_;
  std::unique_ptr<log::Committer> committer_;
  std::unique_ptr<Quarantine> quarantine_;
  std::unique_ptr<Receiver> receiver_;
};

TEST_F(ReceiverTest, KeepsTheSignedBytesOfAReformattedBody) {
  const std::string signed_text = Body(kNow);
  const Answer answer =
      ReceiveReformatted(" " + signed_text + "\n", signed_text);
  EXPECT_EQ(answer.kind, Answer::Kind::kAccepted);
  EXPECT_EQ(answer.event_id, EventId(DuplicateKey("tuco", signed_text)));
  EXPECT_EQ(Newest().verified_form(), events::v1::VERIFIED_FORM_CANONICAL);
  std::string body;
  ASSERT_TRUE(
      log_.Read({.bodies = true}, {},
                [&body](const RecordColumns& columns) { body = columns.body; })
          .ok());
  EXPECT_EQ(body, signed_text);
}

TEST_F(ReceiverTest, AReformattedCopyIsADuplicate) {
  const std::string signed_text = Body(kNow);
  ReceiveBody(signed_text);
  const Answer answer = ReceiveReformatted(signed_text + " ", signed_text);
  EXPECT_EQ(answer.kind, Answer::Kind::kDuplicate);
  EXPECT_EQ(answer.sequence, 1);
}

TEST_F(ReceiverTest, ARawEndpointTakesBodiesAsTheyWereSentOnly) {
  const std::string signed_text = Body(kNow);
  const Answer answer =
      ReceiveReformatted(signed_text + " ", signed_text, "raw");
  EXPECT_EQ(answer.reason, Reason::kSignatureMismatch);
}

TEST_F(ReceiverTest, DefersTheCanonicalFormWhenItsBudgetIsSpent) {
  const std::string signed_text = Body(kNow);
  const std::string blanks(kCanonicalBodyBytesMax - signed_text.size(), ' ');
  for (std::size_t taken = 0; taken < kCanonicalBytesPerSecondPerSource;
       taken += kCanonicalBodyBytesMax) {
    EXPECT_EQ(ReceiveReformatted(signed_text + blanks, "forged").reason,
              Reason::kSignatureMismatch);
  }
  EXPECT_EQ(ReceiveReformatted(signed_text + " ", signed_text).reason,
            Reason::kCanonicalDeferred);
  // What arrives as it was signed needs none.
  EXPECT_EQ(ReceiveBody(signed_text).kind, Answer::Kind::kAccepted);
  clock_.Advance(std::chrono::seconds(1));
  EXPECT_EQ(ReceiveReformatted(signed_text + " ", signed_text).kind,
            Answer::Kind::kDuplicate);
}

TEST_F(ReceiverTest, AcceptsAGenuineDelivery) {
  const std::string body = Body(kNow);
  const Answer answer = ReceiveBody(body);
  EXPECT_EQ(answer.kind, Answer::Kind::kAccepted);
  EXPECT_EQ(answer.sequence, 1);
  EXPECT_EQ(answer.event_id, EventId(DuplicateKey("tuco", body)));
  const events::v1::Event event = Newest();
  EXPECT_EQ(event.event_id(), answer.event_id);
  EXPECT_EQ(event.origin(), events::v1::ORIGIN_LIVE);
  EXPECT_EQ(event.verified_form(), events::v1::VERIFIED_FORM_RAW);
  EXPECT_EQ(event.secret_name(), "main");
  EXPECT_EQ(event.flags_size(), 0);
}

TEST_F(ReceiverTest, AnswersADuplicateWithTheFirstSequence) {
  EXPECT_EQ(ReceiveBody(Body(kNow, "msg_1")).sequence, 1);
  EXPECT_EQ(ReceiveBody(Body(kNow, "msg_2")).sequence, 2);
  const Answer again = ReceiveBody(Body(kNow, "msg_1"));
  EXPECT_EQ(again.kind, Answer::Kind::kDuplicate);
  EXPECT_EQ(again.sequence, 1);
  EXPECT_EQ(log_.bounds().head, 2);
}

TEST_F(ReceiverTest, OneBodyUnderTwoSecretsOfAnEndpointIsADuplicate) {
  EXPECT_EQ(ReceiveBody(Body(kNow), kSecret, "other").kind,
            Answer::Kind::kAccepted);
  EXPECT_EQ(ReceiveBody(Body(kNow), kOtherSecret, "other").kind,
            Answer::Kind::kDuplicate);
}

TEST_F(ReceiverTest, OneBodyAtTwoEndpointsIsTwoEvents) {
  EXPECT_EQ(ReceiveBody(Body(kNow)).kind, Answer::Kind::kAccepted);
  EXPECT_EQ(ReceiveBody(Body(kNow), kSecret, "other").kind,
            Answer::Kind::kAccepted);
}

TEST_F(ReceiverTest, RejectsWhatIsNotGenuineWithItsReason) {
  const std::string body = Body(kNow);
  const std::string signature = Sign(body, kSecret).value();
  Delivery missing;
  missing.body = body;
  EXPECT_EQ(Receive("tuco", missing).reason, Reason::kSignatureMissing);
  Delivery repeated = Signed(body, signature);
  repeated.signatures = 2;
  EXPECT_EQ(Receive("tuco", repeated).reason, Reason::kSignatureRepeated);
  EXPECT_EQ(Receive("tuco", Signed(body, "abc")).reason,
            Reason::kSignatureMalformed);
  EXPECT_EQ(ReceiveBody(body, kOtherSecret).reason, Reason::kSignatureMismatch);
  EXPECT_EQ(Receive("nobody", Signed(body, signature)).reason,
            Reason::kEndpointUnknown);
  EXPECT_EQ(log_.bounds().head, 0);
}

TEST_F(ReceiverTest, FlagsLateAndEarlyOutsideTheTolerance) {
  ReceiveBody(Body("2026-04-15T11:55:00Z"));
  EXPECT_FALSE(NewestHas(events::v1::FLAG_LATE));
  ReceiveBody(Body("2026-04-15T11:54:59.999Z"));
  EXPECT_TRUE(NewestHas(events::v1::FLAG_LATE));
  ReceiveBody(Body("2026-04-15T12:05:00Z"));
  EXPECT_FALSE(NewestHas(events::v1::FLAG_EARLY));
  ReceiveBody(Body("2026-04-15T12:05:00.001Z"));
  EXPECT_TRUE(NewestHas(events::v1::FLAG_EARLY));
  EXPECT_FALSE(NewestHas(events::v1::FLAG_LATE));
}

TEST_F(ReceiverTest, FlagsHeadersThatDifferFromTheBody) {
  const auto flagged = [this](const std::string& id, const char* event,
                              const char* timestamp) {
    const std::string body = Body(kNow, id);
    const std::string signature = Sign(body, kSecret).value();
    Delivery delivery = Signed(body, signature);
    if (event != nullptr) delivery.event_header = event;
    if (timestamp != nullptr) delivery.timestamp_header = timestamp;
    EXPECT_EQ(Receive("tuco", delivery).kind, Answer::Kind::kAccepted);
    return NewestHas(events::v1::FLAG_HEADER_MISMATCH);
  };
  EXPECT_FALSE(flagged("1", "message.sent", kNow));
  // The same instant in other words.
  EXPECT_FALSE(flagged("2", "message.sent", "2026-04-15T12:00:00.000Z"));
  EXPECT_FALSE(flagged("3", nullptr, nullptr));
  EXPECT_TRUE(flagged("4", "message.reply", kNow));
  EXPECT_TRUE(flagged("5", "message.sent", "2026-04-15T12:00:01Z"));
  EXPECT_TRUE(flagged("6", "message.sent", "yesterday"));
}

TEST_F(ReceiverTest, FlagsAWorkspaceThatTheEndpointIsNotFor) {
  ReceiveBody(Body(kNow), kSecret, "other");
  EXPECT_TRUE(NewestHas(events::v1::FLAG_WORKSPACE_MISMATCH));
  ReceiveBody(Body(kNow), kSecret, "tuco");
  EXPECT_FALSE(NewestHas(events::v1::FLAG_WORKSPACE_MISMATCH));
}

TEST_F(ReceiverTest, KeepsWhatIsSignedButNotJson) {
  for (const char* body : {"", "not json", "[1,2]", "42"}) {
    EXPECT_EQ(ReceiveBody(body).kind, Answer::Kind::kAccepted) << body;
    EXPECT_TRUE(NewestHas(events::v1::FLAG_PARSE_ERROR)) << body;
    EXPECT_TRUE(NewestHas(events::v1::FLAG_NO_TIMESTAMP)) << body;
  }
}

TEST_F(ReceiverTest, SaysSoWhenTheLogCannotTakeIt) {
  log_.failure = absl::ResourceExhaustedError("disk full");
  const Answer answer = ReceiveBody(Body(kNow));
  EXPECT_EQ(answer.kind, Answer::Kind::kUnavailable);
  EXPECT_EQ(answer.status.code(), absl::StatusCode::kResourceExhausted);
  // The same delivery is new once the log takes it.
  log_.failure = absl::OkStatus();
  EXPECT_EQ(ReceiveBody(Body(kNow)).kind, Answer::Kind::kAccepted);
}

TEST_F(ReceiverTest, CountsAnswers) {
  ReceiveBody(Body(kNow));
  ReceiveBody(Body(kNow));
  ReceiveBody(Body(kNow), kOtherSecret);
  const std::string metrics = metrics_.Scrape();
  EXPECT_THAT(metrics,
              HasSubstr(R"(tuco_deliveries_total{answer="accepted"} 1)"));
  EXPECT_THAT(metrics,
              HasSubstr(R"(tuco_deliveries_total{answer="duplicate"} 1)"));
  EXPECT_THAT(metrics,
              HasSubstr(R"(tuco_deliveries_total{answer="rejected"} 1)"));
}

TEST_F(ReceiverTest, VerifyAndParseStoresNothing) {
  const std::string body = Body("2020-01-01T00:00:00Z");
  const std::string signature = Sign(body, kSecret).value();
  const auto result =
      receiver_->VerifyAndParse(Signed(body, signature), "tuco");
  const Event& event = std::get<Event>(result);
  EXPECT_EQ(event.message.id, "msg_1");
  EXPECT_EQ(event.origin, Origin::kUnspecified);
  // It did not arrive, so it is not late.
  EXPECT_FALSE(event.flags.Has(Flag::kLate));
  EXPECT_EQ(log_.bounds().head, 0);
}

TEST_F(ReceiverTest, VerifyAndParseFindsTheEndpoint) {
  const std::string body = Body(kNow);
  const std::string signature = Sign(body, kOtherSecret).value();
  const auto result =
      receiver_->VerifyAndParse(Signed(body, signature), std::nullopt);
  EXPECT_EQ(std::get<Event>(result).endpoint, "other");
  EXPECT_EQ(std::get<Event>(result).secret_name, "a");
}

TEST_F(ReceiverTest, VerifyAndParseSaysWhyNot) {
  const std::string body = Body(kNow);
  const std::string signature = Sign("other", kSecret).value();
  const Delivery forged = Signed(body, signature);
  EXPECT_EQ(std::get<Reason>(receiver_->VerifyAndParse(forged, std::nullopt)),
            Reason::kSignatureMismatch);
  EXPECT_EQ(std::get<Reason>(receiver_->VerifyAndParse(forged, "nobody")),
            Reason::kEndpointUnknown);
  const std::string large(kBodyBytesMax + 1, ' ');
  EXPECT_EQ(std::get<Reason>(receiver_->VerifyAndParse(Signed(large, signature),
                                                       std::nullopt)),
            Reason::kBodyTooLarge);
}

TEST_F(ReceiverTest, VerifyAndParseManyAnswersAsVerifyAndParseDoes) {
  const std::string body = Body(kNow);
  const std::string large(kBodyBytesMax + 1, ' ');
  const std::string ours = Sign(body, kSecret).value();
  const std::string other = Sign(body, kOtherSecret).value();
  const std::vector<Candidate> candidates = {
      {Signed(body, ours), std::nullopt},  {Signed(body, other), std::nullopt},
      {Signed(body, ours), "other"},       {Signed(body, other), "tuco"},
      {Signed(large, ours), std::nullopt}, {Signed(body, ours), "nobody"}};
  const auto results = receiver_->VerifyAndParseMany(candidates);
  ASSERT_EQ(results.size(), candidates.size());
  for (std::size_t i = 0; i < results.size(); ++i) {
    EXPECT_EQ(results[i], receiver_->VerifyAndParse(candidates[i].delivery,
                                                    candidates[i].endpoint));
  }
  EXPECT_EQ(std::get<Event>(results[1]).endpoint, "other");
  EXPECT_EQ(std::get<Reason>(results[4]), Reason::kBodyTooLarge);
  EXPECT_EQ(log_.bounds().head, 0);
}

TEST_F(ReceiverTest, ExplainsWithTheSecretsOfEveryEndpoint) {
  const std::string body = Body(kNow);
  const std::string signature = Sign(body, kOtherSecret).value();
  const auto findings = receiver_->Explain(Signed(body, signature));
  ASSERT_EQ(findings.size(), 1);
  EXPECT_EQ(findings[0].kind, FindingKind::kSignatureMatches);
  EXPECT_EQ(findings[0].secret_name, "other/a");
}

TEST_F(ReceiverTest, ExplainsARepeatedSignature) {
  Delivery twice = Signed("{}", "0");
  twice.signatures = 2;
  const auto findings = receiver_->Explain(twice);
  ASSERT_EQ(findings.size(), 1);
  EXPECT_EQ(findings[0].kind, FindingKind::kSignatureRepeated);
}

TEST_F(ReceiverTest, ExplainsNothingAboveTheLimit) {
  const std::string large(kBodyBytesMax + 1, ' ');
  EXPECT_TRUE(receiver_->Explain(Signed(large, "0")).empty());
}

TEST_F(ReceiverTest, JudgesByTheEndpointsInForce) {
  EXPECT_EQ(ReceiveBody(Body(kNow, "msg_1"), kOtherSecret).reason,
            Reason::kSignatureMismatch);
  endpoints_->Replace(
      Endpoints::Create({{.name = "tuco", .secrets = {{"next", kOtherSecret}}}})
          .value());
  EXPECT_EQ(ReceiveBody(Body(kNow, "msg_2"), kOtherSecret).kind,
            Answer::Kind::kAccepted);
  EXPECT_EQ(Newest().secret_name(), "next");
  EXPECT_EQ(ReceiveBody(Body(kNow, "msg_3"), kSecret).reason,
            Reason::kSignatureMismatch);
  EXPECT_EQ(ReceiveBody(Body(kNow, "msg_4"), kOtherSecret, "other").reason,
            Reason::kEndpointUnknown);
}

TEST_F(ReceiverTest, RefusesNothingWhileEndpointsAreReplaced) {
  std::atomic<bool> done = false;
  std::thread replacer([&] {
    for (int i = 0; i < 200; ++i) {
      endpoints_->Replace(
          Endpoints::Create(
              {{.name = "tuco",
                .secrets = {{"main", kSecret}, {"other", kOtherSecret}}}})
              .value());
    }
    done = true;
  });
  int number = 0;
  do {
    const std::string body = Body(kNow, "msg_" + std::to_string(++number));
    EXPECT_EQ(ReceiveBody(body).kind, Answer::Kind::kAccepted);
  } while (!done);
  replacer.join();
}

TEST_F(ReceiverTest, NotesTheUseOfEachSecret) {
  const auto use = [&](const char* secret) {
    return endpoints_->Get()->Find("tuco")->UseOf(secret);
  };
  const EndpointConfig tuco{
      .name = "tuco", .secrets = {{"main", kSecret}, {"next", kOtherSecret}}};
  endpoints_->Replace(Endpoints::Create({tuco}).value());
  ReceiveBody(Body(kNow, "msg_1"));
  const Timestamp first = clock_.Now();
  clock_.Advance(std::chrono::seconds(1));
  ReceiveReformatted(Body(kNow, "msg_2") + " ", Body(kNow, "msg_2"));
  ReceiveBody(Body(kNow, "msg_3"), "whsec_nobody_0123456789");
  EXPECT_EQ(use("main")->count(VerifiedForm::kRaw), 1u);
  EXPECT_EQ(use("main")->count(VerifiedForm::kCanonical), 1u);
  EXPECT_EQ(use("main")->last(), first + std::chrono::seconds(1));
  EXPECT_EQ(use("next")->last(), std::nullopt);
}

TEST_F(ReceiverTest, UseOfASecretIsKnownAfterItIsRevoked) {
  ReceiveBody(Body(kNow));
  endpoints_->Replace(Endpoints::Create({{.name = "tuco",
                                          .secrets = {{"next", kOtherSecret}},
                                          .revoked = {{"main", kSecret}}}})
                          .value());
  const Endpoint& tuco = *endpoints_->Get()->Find("tuco");
  EXPECT_EQ(tuco.revoked.front().use->last(), clock_.Now());
  EXPECT_EQ(tuco.secrets.front().use->last(), std::nullopt);
}

TEST_F(ReceiverTest, LookingAtADeliveryIsNoUse) {
  const std::string body = Body(kNow);
  receiver_->VerifyAndParse(Signed(body, Sign(body, kSecret).value()), "tuco");
  EXPECT_EQ(endpoints_->Get()->Find("tuco")->UseOf("main")->last(),
            std::nullopt);
}

}  // namespace
}  // namespace tuco::receiver

#include "server/cli/quarantine_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/server/cli/fake_quarantine_service.h"

namespace tuco::cli {
namespace {

namespace pb = events::v1;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

// The delivery q_7 with a body.
pb::GetQuarantinedResponse Response(const std::string& body = "{}") {
  pb::GetQuarantinedResponse response;
  *response.mutable_delivery() = MakeQuarantined("q_7");
  response.mutable_delivery()->set_body(body);
  return response;
}

TEST(QuarantineText, ALineStandsBelowItsHeading) {
  EXPECT_EQ(QuarantineHeading(),
            "ID        STATE      VERIFIED    RECEIVED                  "
            "REASON                ENDPOINT  SOURCE             BYTES\n");
  EXPECT_EQ(QuarantineLine(MakeQuarantined("q_7")),
            "q_7       HELD       unverified  2026-04-15T12:00:00.000Z  "
            "SIGNATURE_MISMATCH    tuco      192.0.2.7              2\n");
}

TEST(QuarantineText, SaysVerifiedAndHeldBack) {
  auto delivery = MakeQuarantined("q_7");
  delivery.set_verified(true);
  delivery.set_held_back(true);
  EXPECT_THAT(QuarantineLine(delivery),
              StartsWith("q_7       HELD BACK  verified    2026"));
  delivery.set_state(pb::QUARANTINE_STATE_DUPLICATE);
  EXPECT_THAT(QuarantineLine(delivery),
              StartsWith("q_7       DUPLICATE  verified    2026"));
}

TEST(QuarantineText, ShowsWhatItDoesNotKnowByItsNumber) {
  auto delivery = MakeQuarantined("q_7");
  delivery.set_state(static_cast<pb::QuarantineState>(77));
  delivery.set_reason(static_cast<pb::Reason>(88));
  EXPECT_THAT(QuarantineLine(delivery), StartsWith("q_7       77         unv"));
  EXPECT_THAT(QuarantineLine(delivery), HasSubstr("Z  88         "));
}

TEST(QuarantineText, ALineCannotBeFaked) {
  auto delivery = MakeQuarantined("q_7");
  delivery.set_endpoint("a\nq_8\x1b[2J");
  EXPECT_THAT(QuarantineLine(delivery), HasSubstr("a\\nq_8\\x1b[2J"));
}

TEST(QuarantineText, DetailsSayWhyAndWhatCame) {
  pb::GetQuarantinedResponse response = Response();
  pb::HttpHeader& header = *response.mutable_delivery()->add_headers();
  header.set_name("x-tuco-signature");
  header.set_value("00");
  pb::Finding& finding = *response.add_findings();
  finding.set_certainty(pb::CERTAINTY_CERTAIN);
  finding.set_kind(pb::FINDING_KIND_SECRET_HAS_QUOTES);
  finding.set_secret_name("tuco/main");
  finding.set_text("Take them off.");
  EXPECT_EQ(
      QuarantineDetails(response),
      "id           q_7\n"
      "state        HELD\n"
      "verified     no\n"
      "received     2026-04-15T12:00:00.000Z\n"
      "reason       SIGNATURE_MISMATCH\n"
      "endpoint     tuco\n"
      "source       192.0.2.7\n"
      "bytes        2\n"
      "finding      certain SECRET_HAS_QUOTES (secret tuco/main): Take them "
      "off.\n"
      "header       x-tuco-signature: 00\n"
      "body         {}\n");
}

TEST(QuarantineText, DetailsSayWhatBecameOfIt) {
  pb::GetQuarantinedResponse response = Response();
  pb::QuarantinedDelivery& delivery = *response.mutable_delivery();
  delivery.set_state(pb::QUARANTINE_STATE_RELEASED);
  delivery.clear_body();
  delivery.set_sequence(42);
  delivery.mutable_settled_at()->set_seconds(1'776'254'401);
  const std::string text = QuarantineDetails(response);
  EXPECT_THAT(text, HasSubstr("state        RELEASED\n"
                              "settled      2026-04-15T12:00:01.000Z\n"
                              "sequence     42\n"));
  EXPECT_THAT(text, EndsWith("body         not kept any more\n"));
  EXPECT_THAT(text, Not(HasSubstr("finding")));
}

TEST(QuarantineText, SaysWhenNothingExplainsIt) {
  EXPECT_THAT(QuarantineDetails(Response()),
              HasSubstr("finding      none: no mistake"));
}

TEST(QuarantineText, WhatIsGenuineNeedsNoExplanation) {
  pb::GetQuarantinedResponse response = Response();
  response.mutable_delivery()->set_verified(true);
  EXPECT_THAT(QuarantineDetails(response), HasSubstr("verified     yes\n"));
  EXPECT_THAT(QuarantineDetails(response), Not(HasSubstr("finding")));
}

TEST(QuarantineText, SaysWhyThereIsNoBody) {
  pb::GetQuarantinedResponse response = Response("");
  EXPECT_THAT(QuarantineDetails(response), EndsWith("body         empty\n"));
  response.mutable_delivery()->set_body("\xff");
  EXPECT_THAT(QuarantineDetails(response),
              EndsWith("body         no text; --output raw writes it as it "
                       "is\n"));
  response.mutable_delivery()->clear_body();
  EXPECT_THAT(QuarantineDetails(response),
              EndsWith("body         not kept, since its source sent too "
                       "much\n"));
}

TEST(QuarantineText, NothingInHeadersAndBodyCanPassForOurs) {
  pb::GetQuarantinedResponse response =
      Response("{\n\nverified     yes\r\n\x1b[2J}");
  pb::HttpHeader& header = *response.mutable_delivery()->add_headers();
  header.set_name("x-a");
  header.set_value("\xe2\x80\xaereversed");
  EXPECT_THAT(QuarantineDetails(response),
              EndsWith("header       x-a: \\u{202e}reversed\n"
                       "body         {\n"
                       "             \n"
                       "             verified     yes\\r\n"
                       "             \\x1b[2J}\n"));
}

TEST(QuarantineText, AResultSaysWhatBecameOfIt) {
  pb::QuarantineResult result;
  result.set_id("q_7");
  result.set_state(pb::QUARANTINE_STATE_HELD);
  EXPECT_EQ(QuarantineResultLine(result), "q_7  HELD\n");
  result.set_state(pb::QUARANTINE_STATE_RELEASED);
  result.set_sequence(42);
  EXPECT_EQ(QuarantineResultLine(result), "q_7  RELEASED  sequence 42\n");
}

}  // namespace
}  // namespace tuco::cli

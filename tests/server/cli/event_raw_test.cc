#include "server/cli/event_raw.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "proto/event_codec.h"
#include "server/cli/delivery_line.h"
#include "server/cli/verify_check.h"
#include "tuco/signature_verifier.h"
#include "tuco/timestamp.h"

namespace tuco::cli {
namespace {

namespace pb = events::v1;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kSecret = "whsec_of_a_test";

// What the server streams for a delivery with this body.
pb::Event Stored(const std::string& body) {
  const auto verifier = SignatureVerifier::Create({{"main", kSecret}}).value();
  const std::string signature = Sign(body, kSecret).value();
  const VerifyResult result = CheckDelivery(
      {.signatures = 1, .signature = signature, .body = body}, verifier);
  pb::Event event = proto::ToProto(result.event.value());
  event.set_body(body);
  event.set_signature(signature);
  return event;
}

TEST(EventRaw, HasTheFormOfTheSamples) {
  const pb::Event event = Stored(
      R"({"event":"message.reply","timestamp":"2026-04-15T12:00:00.042Z",)"
      R"("data":{"messageId":"m","message":"a\nb"}})");
  EXPECT_EQ(
      EventRaw(event),
      "{\"name\":\"" + event.event_id() +
          "\",\"shape\":\"S1\",\"headers\":{\"content-type\":"
          "\"application/json\",\"x-tuco-signature\":\"" +
          event.signature() +
          "\",\"x-tuco-event\":\"message.reply\",\"x-tuco-timestamp\":"
          "\"2026-04-15T12:00:00.042Z\"},\"body\":\"{\\\"event\\\":"
          "\\\"message.reply\\\",\\\"timestamp\\\":"
          "\\\"2026-04-15T12:00:00.042Z\\\",\\\"data\\\":{\\\"messageId\\\":"
          "\\\"m\\\",\\\"message\\\":\\\"a\\\\nb\\\"}}\"}\n");
}

TEST(EventRaw, SpellsTheHealthCheckAsTheSamplesDo) {
  EXPECT_THAT(
      EventRaw(Stored(R"({"event":"message.sent","data":{"test":true}})")),
      HasSubstr("\"shape\":\"test\""));
}

TEST(EventRaw, LeavesOutWhatTheEventDoesNotKnow) {
  const std::string line = EventRaw(Stored("not JSON"));
  EXPECT_THAT(line, Not(HasSubstr("shape")));
  EXPECT_THAT(line, Not(HasSubstr("x-tuco-event")));
  EXPECT_THAT(line, Not(HasSubstr("x-tuco-timestamp")));
}

TEST(EventRaw, IsReadBackWithEveryByte) {
  const std::string bodies[] = {"{}",
                                "",
                                std::string("\0\x01\x1f\x7f", 4),
                                "\"\\\b\f\n\r\t/",
                                "é€👋\u2028",
                                "\xff\xfe{",
                                "{\"a\":\"\\ud83d\"}"};
  const auto verifier = SignatureVerifier::Create({{"main", kSecret}}).value();
  for (const std::string& body : bodies) {
    const auto line = ParseDeliveryLine(EventRaw(Stored(body)));
    ASSERT_TRUE(line.ok()) << line.status();
    EXPECT_EQ(line->body, body);
    const VerifyResult result = CheckDelivery(*line, verifier);
    ASSERT_TRUE(result.genuine());
    EXPECT_EQ(line->name, result.event->event_id);
    EXPECT_FALSE(result.event->flags.Has(Flag::kHeaderMismatch));
  }
}

TEST(EventRaw, PutsIllFormedTextIntoBase64) {
  EXPECT_THAT(EventRaw(Stored("\xff")), HasSubstr("\"bodyBase64\":\"/w==\"}"));
}

TEST(EventArchiveLine, IsReadBackWithItsArrival) {
  pb::Event event = Stored("{}");
  event.set_endpoint("other");
  event.mutable_received_at()->set_seconds(1'776'254'400);
  event.mutable_received_at()->set_nanos(42'000);
  auto line = ParseDeliveryLine(EventArchiveLine(event));
  ASSERT_TRUE(line.ok()) << line.status();
  EXPECT_EQ(line->body, "{}");
  EXPECT_EQ(line->endpoint, "other");
  EXPECT_EQ(line->received_at, ParseTimestamp("2026-04-15T12:00:00.000042Z"));
  EXPECT_FALSE(line->headers_differed);
  event.add_flags(pb::FLAG_HEADER_MISMATCH);
  line = ParseDeliveryLine(EventArchiveLine(event));
  ASSERT_TRUE(line.ok()) << line.status();
  EXPECT_TRUE(line->headers_differed);
}

TEST(EventArchiveLine, IsRefusedWithAnArrivalThatIsNone) {
  const std::string line = R"({"headers":{},"body":"{}",)";
  for (const char* rest :
       {R"("endpoint":1})", R"("receivedAt":"noon"})", R"("receivedAt":1})",
        R"("headersDiffered":"yes"})"}) {
    EXPECT_FALSE(ParseDeliveryLine(line + rest).ok()) << rest;
  }
}

}  // namespace
}  // namespace tuco::cli

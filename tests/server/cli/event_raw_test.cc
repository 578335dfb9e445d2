#include "server/cli/event_raw.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "proto/event_codec.h"
#include "server/cli/delivery_line.h"
#include "server/cli/verify_check.h"
#include "tuco/signature_verifier.h"

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

}  // namespace
}  // namespace tuco::cli

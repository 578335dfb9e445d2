// Every sample delivery gives exactly these fields, and no others.

#include <gtest/gtest.h>

#include <string>

#include "sample_deliveries.h"
#include "tuco/event_parser.h"

namespace tuco {
namespace {

constexpr char kLead[] = "69b2c41d352a78479d2c623b";
constexpr char kDocument[] = "69b340dd6dae1d942ece4d09";
constexpr char kPhone[] = "+19042956129";
constexpr char kQuestion[] = "Hi Jane, quick question";

Timestamp At(const char* text) { return ParseTimestamp(text).value(); }

// What every sample's event has, whatever its body says.
Event Expected(const SampleDelivery& sample) {
  Event event;
  event.event_id = EventId(DuplicateKey("tuco", sample.body));
  event.idempotency_key = event.event_id;
  event.endpoint = "tuco";
  event.verified_form = VerifiedForm::kRaw;
  event.secret_name = "main";
  event.workspace_id = "org_abc123";
  return event;
}

void SetType(Event& event, EventType type, const char* name, const char* id) {
  event.type = type;
  event.type_name = name;
  event.message.id = id;
  event.idempotency_key = std::string(id) + "/" + name;
}

Event Parsed(const SampleDelivery& sample) {
  const auto verifier =
      SignatureVerifier::Create({{"main", sample.secret}}).value();
  const Verdict verdict = verifier.Verify(sample.body, sample.signature);
  EXPECT_TRUE(verdict.genuine());
  return ParseEvent(verdict.delivery());
}

void ExpectParsed(const SampleDelivery& sample, const Event& expected) {
  const Event event = Parsed(sample);
  EXPECT_EQ(event.extra_json, expected.extra_json);
  EXPECT_EQ(event.idempotency_key, expected.idempotency_key);
  EXPECT_EQ(ShapeName(event.shape), ShapeName(expected.shape));
  EXPECT_EQ(event.flags.bits(), expected.flags.bits());
  EXPECT_EQ(event.opt_out, expected.opt_out);
  EXPECT_TRUE(event.message == expected.message) << "message differs";
  EXPECT_TRUE(event.contact == expected.contact) << "contact differs";
  EXPECT_TRUE(event.campaign == expected.campaign) << "campaign differs";
  EXPECT_TRUE(event.crm == expected.crm) << "crm differs";
  EXPECT_TRUE(event == expected) << "something else differs";
}

TEST(EventParserSamplesTest, NamesTheShapeOfEverySample) {
  for (const SampleDelivery& sample : ReadSampleDeliveries()) {
    const Event event = Parsed(sample);
    const std::string_view shape = ShapeName(event.shape);
    EXPECT_EQ(shape == "TEST" ? "test" : shape, sample.shape) << sample.name;
  }
}

TEST(EventParserSamplesTest, GuideReply) {
  const auto sample = ReadSampleDelivery("guide reply");
  Event event = Expected(sample);
  SetType(event, EventType::kMessageReply, "message.reply", "msg_xyz789");
  event.shape = Shape::kS1;
  event.occurred_at = At("2026-04-15T12:00:00Z");
  event.opt_out = false;
  event.message.text = "Yes, I'm interested! Can you tell me more?";
  event.message.status = "received";
  event.message.line_id = "line_001";
  event.contact.phone = kPhone;
  event.contact.first_name = "Jane";
  event.contact.last_name = "Smith";
  ExpectParsed(sample, event);
}

TEST(EventParserSamplesTest, GuideReplyWithAttachmentsAndEmoji) {
  const auto sample = ReadSampleDelivery("guide reply, attachments and emoji");
  Event event = Expected(sample);
  SetType(event, EventType::kMessageReply, "message.reply", "msg_a1");
  event.shape = Shape::kS1;
  event.occurred_at = At("2026-04-15T12:03:11.042Z");
  event.opt_out = false;
  event.message.text = "Voil\u00e0 \U0001f389 \u2013 see the photo";
  event.message.status = "received";
  event.message.line_id = "line_002";
  event.message.attachment_urls = {"https://files.example.com/a/1.heic"};
  event.message.attachment_names = {"IMG_0001.heic"};
  event.contact.phone = "+14155550100";
  event.contact.first_name = "Zo\u00eb";
  ExpectParsed(sample, event);
}

TEST(EventParserSamplesTest, GuideSent) {
  const auto sample = ReadSampleDelivery("guide sent");
  Event event = Expected(sample);
  SetType(event, EventType::kMessageSent, "message.sent", "msg_s1");
  event.shape = Shape::kS1;
  event.occurred_at = At("2026-04-15T11:59:00Z");
  event.message.text = "Hi Jane";
  event.message.status = "sent";
  event.message.line_id = "line_001";
  event.contact.phone = kPhone;
  event.contact.first_name = "Jane";
  event.contact.last_name = "Smith";
  ExpectParsed(sample, event);
}

// What all message documents among the samples have in common.
Event ExpectedDocument(const SampleDelivery& sample, EventType type,
                       const char* name, const char* status) {
  Event event = Expected(sample);
  SetType(event, type, name, kDocument);
  event.shape = Shape::kS2;
  event.message.text = kQuestion;
  event.message.status = status;
  event.message.channel = "imessage";
  event.message.line_id = "507f1f77bcf86cd799439011";
  event.message.created_by_user_id = "user_7";
  event.message.created_at = At("2026-04-15T11:58:00.000Z");
  event.message.updated_at = At("2026-04-15T12:00:00.000Z");
  event.contact.lead_id = kLead;
  event.contact.first_name = "Jane";
  event.contact.last_name = "Smith";
  event.contact.display_name = "Jane Smith";
  event.contact.phone = kPhone;
  event.contact.email = "jane@example.com";
  event.contact.list_id = "69ab444ac1feb77d7f46462f";
  event.contact.source = "csv";
  event.campaign.id = "674a1b2c3d4e5f6789012345";
  event.campaign.name = "Spring launch";
  event.crm.ghl_contact_id = "aMUQ0u0Z7cw0";
  event.crm.ghl_location_id = "eL7DD22BdZ0r";
  return event;
}

TEST(EventParserSamplesTest, Sent) {
  const auto sample = ReadSampleDelivery("sent");
  Event event =
      ExpectedDocument(sample, EventType::kMessageSent, "message.sent", "sent");
  event.occurred_at = At("2026-04-15T12:00:01.500Z");
  event.message.sent_at = At("2026-04-15T12:00:01.000Z");
  event.message.batch_id = "campaign_674a1b2c3d4e5f6789012345_0";
  event.message.step_index = 0;
  ExpectParsed(sample, event);
}

TEST(EventParserSamplesTest, Failed) {
  const auto sample = ReadSampleDelivery("failed");
  Event event = ExpectedDocument(sample, EventType::kMessageFailed,
                                 "message.failed", "failed");
  event.occurred_at = At("2026-04-15T12:00:02.000Z");
  event.message.error = "Device offline";
  ExpectParsed(sample, event);
}

TEST(EventParserSamplesTest, Fallback) {
  const auto sample = ReadSampleDelivery("fallback");
  Event event = ExpectedDocument(sample, EventType::kMessageFallback,
                                 "message.fallback", "fallback");
  event.occurred_at = At("2026-04-15T12:00:03.000Z");
  event.message.error = "No iMessage on +19042956129";
  event.message.reason = "No iMessage on +19042956129";
  event.message.checked_addresses = {kPhone, "jane@example.com"};
  ExpectParsed(sample, event);
}

TEST(EventParserSamplesTest, Opened) {
  const auto sample = ReadSampleDelivery("opened");
  Event event = ExpectedDocument(sample, EventType::kMessageOpened,
                                 "message.opened", "sent");
  event.occurred_at = At("2026-04-15T12:05:00.000Z");
  event.message.channel = "email";
  event.message.read_at = At("2026-04-15T12:04:58.000Z");
  ExpectParsed(sample, event);
}

ParentMessage Question() {
  return {.message_id = "69b340dd6dae1d942ece4d01",
          .text = kQuestion,
          .sent_at = At("2026-04-15T11:58:30.000Z"),
          .batch_id = "campaign_674a1b2c3d4e5f6789012345_0",
          .step_index = 0};
}

TEST(EventParserSamplesTest, FlatReplyWithLead) {
  const auto sample = ReadSampleDelivery("flat reply with lead");
  Event event = Expected(sample);
  SetType(event, EventType::kMessageReply, "message.reply",
          "69b340dd6dae1d942ece4d10");
  event.shape = Shape::kS3;
  event.occurred_at = At("2026-04-15T12:06:00.000Z");
  event.opt_out = false;
  event.message.text = "Call me tomorrow";
  event.message.line_id = "507f1f77bcf86cd799439011";
  event.message.sent_at = At("2026-04-15T12:05:59.000Z");
  event.message.in_reply_to = "69b340dd6dae1d942ece4d01";
  event.message.parents = {Question()};
  event.message.recent_replies = {
      {.message_id = "69b340dd6dae1d942ece4d10",
       .text = "Call me tomorrow",
       .received_at = At("2026-04-15T12:05:59.000Z")}};
  event.contact.lead_id = kLead;
  event.contact.first_name = "Jane";
  event.contact.last_name = "Smith";
  event.contact.display_name = "Jane Smith";
  event.contact.phone = kPhone;
  event.contact.email = "jane@example.com";
  event.contact.list_id = "69ab444ac1feb77d7f46462f";
  event.campaign.id = "674a1b2c3d4e5f6789012345";
  event.campaign.name = "Spring launch";
  ExpectParsed(sample, event);
}

TEST(EventParserSamplesTest, FlatReplyWithoutLeadThatOptsOut) {
  const auto sample = ReadSampleDelivery("flat reply, no lead, opt-out");
  Event event = Expected(sample);
  SetType(event, EventType::kMessageReply, "message.reply",
          "69b340dd6dae1d942ece4d11");
  event.shape = Shape::kS3;
  event.occurred_at = At("2026-04-15T12:07:00.000Z");
  event.opt_out = true;
  event.message.text = "STOP";
  event.message.sent_at = At("2026-04-15T12:06:59.000Z");
  event.contact.phone = "+14155550123";
  ExpectParsed(sample, event);
}

TEST(EventParserSamplesTest, ReplyDocument) {
  const auto sample = ReadSampleDelivery("reply document");
  Event event = Expected(sample);
  SetType(event, EventType::kMessageReply, "message.reply",
          "69b340dd6dae1d942ece4d12");
  event.shape = Shape::kS4;
  event.occurred_at = At("2026-04-15T12:07:30.000Z");
  event.opt_out = false;
  event.message.text = "Got it, thanks!";
  event.message.direction = "received";
  event.message.sent_at = At("2026-04-15T12:07:29.000Z");
  event.message.in_reply_to = "69b340dd6dae1d942ece4d01";
  event.message.original_text = kQuestion;
  event.message.parents = {Question()};
  event.contact.lead_id = kLead;
  event.contact.first_name = "Jane";
  event.contact.last_name = "Smith";
  event.contact.display_name = "Jane Smith";
  event.contact.email = "jane@example.com";
  event.extra_json = R"({"originalMessage":{"batchId":null}})";
  ExpectParsed(sample, event);
}

TEST(EventParserSamplesTest, LegacyDelivered) {
  const auto sample = ReadSampleDelivery("legacy delivered");
  Event event = Expected(sample);
  SetType(event, EventType::kMessageDelivered, "message.delivered",
          "690d1c95984d3cdcac76e9ff");
  event.shape = Shape::kS5;
  event.occurred_at = At("2026-04-15T11:50:05.000Z");
  event.message.text = "Hello \U0001f44b";
  event.message.status = "delivered";
  event.message.channel = "imessage";
  event.message.created_by_user_id = "user_7";
  event.message.sent_at = At("2026-04-15T11:50:00.000Z");
  event.contact.lead_id = kLead;
  event.contact.display_name = "Jane Smith";
  event.contact.phone = "+12025550134";
  ExpectParsed(sample, event);
}

TEST(EventParserSamplesTest, LegacyFallback) {
  const auto sample = ReadSampleDelivery("legacy fallback");
  Event event = Expected(sample);
  SetType(event, EventType::kMessageFallback, "message.fallback",
          "690d1c95984d3cdcac76ea00");
  event.shape = Shape::kS5;
  event.occurred_at = At("2026-04-15T11:51:05.864Z");
  event.message.text = "Hello \U0001f44b";
  event.message.status = "fallback";
  event.message.channel = "imessage";
  event.message.created_by_user_id = "user_7";
  event.message.reason = "No iMessage on +12025550134, jane@example.com";
  event.message.checked_addresses = {"+12025550134", "jane@example.com"};
  event.contact.lead_id = kLead;
  event.contact.display_name = "Jane Smith";
  event.contact.phone = "+12025550134";
  event.contact.email = "jane@example.com";
  ExpectParsed(sample, event);
}

TEST(EventParserSamplesTest, SnakeCaseReplied) {
  const auto sample = ReadSampleDelivery("snake case replied");
  Event event = Expected(sample);
  SetType(event, EventType::kMessageReply, "message.replied", "msg_abc123");
  event.shape = Shape::kS6;
  event.workspace_id.reset();
  event.occurred_at = At("2026-04-15T10:30:00Z");
  event.opt_out = false;
  event.message.text = "When can we talk?";
  event.message.line_id = "line_xyz789";
  event.message.line_phone = "+15550123456";
  event.contact.phone = kPhone;
  event.campaign.id = "camp_def456";
  ExpectParsed(sample, event);
}

TEST(EventParserSamplesTest, DashboardTest) {
  const auto sample = ReadSampleDelivery("dashboard test");
  Event event = Expected(sample);
  SetType(event, EventType::kMessageReply, "message.reply", "msg_test");
  event.shape = Shape::kS1;
  event.flags = {Flag::kTest};
  event.occurred_at = At("2026-04-15T12:08:00Z");
  event.opt_out = false;
  event.message.text = "This is a test";
  event.message.status = "received";
  event.message.line_id = "line_001";
  event.contact.phone = "+15555550100";
  event.contact.first_name = "Test";
  event.contact.last_name = "User";
  ExpectParsed(sample, event);
}

TEST(EventParserSamplesTest, ApiHealthCheck) {
  const auto sample = ReadSampleDelivery("API health check");
  Event event = Expected(sample);
  event.type = EventType::kMessageSent;
  event.type_name = "message.sent";
  event.shape = Shape::kTest;
  event.flags = {Flag::kTest};
  event.occurred_at = At("2026-04-12T12:00:00.000Z");
  event.message.text = "Health check";
  ExpectParsed(sample, event);
}

TEST(EventParserSamplesTest, UnknownEvent) {
  const auto sample = ReadSampleDelivery("unknown event");
  Event event =
      ExpectedDocument(sample, EventType::kUnspecified, "lead.updated", "sent");
  event.occurred_at = At("2026-04-15T12:09:00.000Z");
  event.extra_json = R"({"somethingNew":{"deep":[1,2.5,{"x":null}]}})";
  ExpectParsed(sample, event);
}

}  // namespace
}  // namespace tuco

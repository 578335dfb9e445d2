#include "tuco/event_parser.h"

#include <gtest/gtest.h>

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace tuco {
namespace {

using Text = std::optional<std::string>;

Event Parse(std::string_view body) { return ParseUnverified(body); }

// A field, and members that give it, best first; each is `path.to.member`,
// where `message` in front of a dot is an object.
struct Precedence {
  const char* name;
  std::function<Text(const Event&)> field;
  std::vector<std::string> members;
};

// A body with each of `members` holding its own path as a text.
std::string BodyWith(const std::vector<std::string>& members) {
  struct Object {
    const char* path;
    std::string content;
  };
  std::vector<Object> objects = {{"", ""},         {"data.", ""},
                                 {"message.", ""}, {"data.reply.", ""},
                                 {"lead.", ""},    {"originalMessage.", ""}};
  for (const std::string& member : members) {
    const std::size_t split = member.rfind('.') + 1;
    for (Object& object : objects) {
      if (object.path != member.substr(0, split)) continue;
      object.content += ",\"" + member.substr(split) + "\":\"" + member + "\"";
    }
  }
  const auto object = [&](std::size_t i, const char* key) {
    const std::string& content = objects[i].content;
    if (content.empty()) return std::string();
    return std::string(",\"") + key + "\":{" + content.substr(1) + "}";
  };
  objects[1].content += object(3, "reply");
  return "{\"event\":\"message.reply\"" + objects[0].content +
         object(1, "data") + object(2, "message") + object(4, "lead") +
         object(5, "originalMessage") + "}";
}

template <Text Message::*Field>
Text InMessage(const Event& event) {
  return event.message.*Field;
}

template <Text Contact::*Field>
Text InContact(const Event& event) {
  return event.contact.*Field;
}

template <Text Crm::*Field>
Text InCrm(const Event& event) {
  return event.crm.*Field;
}

const std::vector<Precedence>& MessagePrecedences() {
  static const auto& rules = *new std::vector<Precedence>{
      {"text",
       InMessage<&Message::text>,
       {"message", "data.message", "data.body"}},
      {"text of a document",
       InMessage<&Message::text>,
       {"message.message", "data.message", "data.body"}},
      {"message id",
       InMessage<&Message::id>,
       {"messageId", "message._id", "message.messageId", "data.messageId",
        "data.message_id"}},
      {"line",
       InMessage<&Message::line_id>,
       {"data.lineId", "fromLineId", "message.fromLineId", "data.line_id"}},
      {"line phone",
       InMessage<&Message::line_phone>,
       {"message.fromLinePhone", "fromLinePhone"}},
      {"line email",
       InMessage<&Message::line_email>,
       {"message.fromLineEmail", "fromLineEmail"}},
      {"status",
       InMessage<&Message::status>,
       {"message.status", "data.status", "status"}},
      {"channel",
       InMessage<&Message::channel>,
       {"message.messageType", "messageType", "data.messageType"}},
      {"direction", InMessage<&Message::direction>, {"message.direction"}},
      {"batch id",
       InMessage<&Message::batch_id>,
       {"message.batchId", "batchId", "data.batchId"}},
      {"created by",
       InMessage<&Message::created_by_user_id>,
       {"message.createdByUserId", "createdByUserId"}},
      {"external id",
       InMessage<&Message::external_message_id>,
       {"message.externalMessageId", "externalMessageId",
        "data.externalMessageId"}},
      {"error",
       InMessage<&Message::error>,
       {"message.errorMessage", "data.error", "errorMessage"}},
      {"reason",
       InMessage<&Message::reason>,
       {"data.reason", "message.reason", "reason"}},
      {"in reply to",
       InMessage<&Message::in_reply_to>,
       {"originalMessageId", "message.originalMessageId",
        "data.originalMessageId"}},
      {"original text",
       InMessage<&Message::original_text>,
       {"originalMessage.message"}},
  };
  return rules;
}

const std::vector<Precedence>& ContactPrecedences() {
  static const auto& rules = *new std::vector<Precedence>{
      {"phone",
       InContact<&Contact::phone>,
       {"data.recipientPhone", "message.recipientPhone",
        "data.reply.recipientPhone", "recipientPhone", "phone", "lead.phone"}},
      {"email",
       InContact<&Contact::email>,
       {"data.recipientEmail", "message.recipientEmail",
        "data.reply.recipientEmail", "recipientEmail", "email", "lead.email"}},
      {"lead id",
       InContact<&Contact::lead_id>,
       {"leadId", "message.leadId", "data.reply.leadId", "lead._id"}},
      {"first name",
       InContact<&Contact::first_name>,
       {"lead.firstName", "firstName", "data.firstName"}},
      {"last name",
       InContact<&Contact::last_name>,
       {"lead.lastName", "lastName", "data.lastName"}},
      {"display name",
       InContact<&Contact::display_name>,
       {"message.recipientName", "recipientName", "data.recipientName",
        "message.name", "data.reply.name"}},
      {"list",
       InContact<&Contact::list_id>,
       {"lead.listId", "listId", "data.listId"}},
      {"owner",
       InContact<&Contact::owner_email>,
       {"contactOwnerEmail", "data.contactOwnerEmail"}},
      {"source", InContact<&Contact::source>, {"lead.source"}},
  };
  return rules;
}

const std::vector<Precedence>& OtherPrecedences() {
  static const auto& rules = *new std::vector<Precedence>{
      {"workspace",
       [](const Event& event) { return event.workspace_id; },
       {"workspaceId", "data.workspaceId", "message.workspaceId",
        "lead.workspaceId"}},
      {"campaign",
       [](const Event& event) { return event.campaign.id; },
       {"campaignId", "message.campaignId", "data.campaignId",
        "data.campaign_id"}},
      {"campaign name",
       [](const Event& event) { return event.campaign.name; },
       {"campaignName", "message.campaignName", "data.campaignName"}},
      {"ghl contact",
       InCrm<&Crm::ghl_contact_id>,
       {"ghlContactId", "data.ghlContactId"}},
      {"ghl location",
       InCrm<&Crm::ghl_location_id>,
       {"ghlLocationId", "data.ghlLocationId"}},
      {"ghl message",
       InCrm<&Crm::ghl_conversation_message_id>,
       {"ghlConversationMessageId", "data.ghlConversationMessageId"}},
      {"hs portal",
       InCrm<&Crm::hs_portal_id>,
       {"hsPortalId", "data.hsPortalId"}},
      {"hs contact",
       InCrm<&Crm::hs_contact_id>,
       {"hsContactId", "data.hsContactId"}},
  };
  return rules;
}

void CheckPrecedences(const std::vector<Precedence>& rules) {
  for (const Precedence& rule : rules) {
    auto members = rule.members;
    while (!members.empty()) {
      const Event event = Parse(BodyWith(members));
      EXPECT_EQ(rule.field(event), members.front()) << rule.name;
      // The members that lost say something else, so they are kept.
      for (std::size_t i = 1; i < members.size(); ++i) {
        ASSERT_TRUE(event.extra_json) << rule.name;
        EXPECT_NE(event.extra_json->find(members[i]), std::string::npos)
            << rule.name << ' ' << members[i];
      }
      EXPECT_EQ(event.extra_json.has_value(), members.size() > 1) << rule.name;
      members.erase(members.begin());
    }
    EXPECT_EQ(rule.field(Parse(BodyWith({}))), std::nullopt) << rule.name;
  }
}

TEST(EventParserTest, TakesTheFirstMemberInOrderOfPrecedence) {
  CheckPrecedences(MessagePrecedences());
  CheckPrecedences(ContactPrecedences());
  CheckPrecedences(OtherPrecedences());
}

TEST(EventParserTest, TimesFollowTheirPrecedence) {
  const Event event = Parse(
      R"({"message":{"_id":"m","messageSentAtUTC":"2026-01-04T00:00:00Z",)"
      R"("respondedAtUtc":"2026-01-07T00:00:00Z"},)"
      R"("repliedAtUtc":"2026-01-05T00:00:00Z",)"
      R"("data":{"repliedAtUtc":"2026-01-06T00:00:00Z",)"
      R"("reply":{"respondedAtUtc":"2026-01-04T00:00:00.000Z"}}})");
  EXPECT_EQ(event.message.sent_at, ParseTimestamp("2026-01-04T00:00:00Z"));
  EXPECT_EQ(*event.extra_json,
            R"({"message":{"respondedAtUtc":"2026-01-07T00:00:00Z"},)"
            R"("repliedAtUtc":"2026-01-05T00:00:00Z",)"
            R"("data":{"repliedAtUtc":"2026-01-06T00:00:00Z"}})");
}

TEST(EventParserTest, ReadsTheOtherTimes) {
  const Event event = Parse(R"({"scheduledDate":"2026-01-01T00:00:00Z",)"
                            R"("data":{"deliveredAt":"2026-01-02T00:00:00Z",)"
                            R"("updatedAt":"2026-01-03T00:00:00Z"}})");
  EXPECT_EQ(event.message.scheduled_at, ParseTimestamp("2026-01-01T00:00:00Z"));
  EXPECT_EQ(event.message.delivered_at, ParseTimestamp("2026-01-02T00:00:00Z"));
  EXPECT_EQ(event.message.updated_at, ParseTimestamp("2026-01-03T00:00:00Z"));
  EXPECT_FALSE(event.extra_json);
}

TEST(EventParserTest, EqualMembersCountAsMapped) {
  const Event event =
      Parse(R"({"messageId":"m","message":{"_id":"\u006d","messageId":"n"},)"
            R"("data":{"messageId":"m","reply":{"messageId":"m"}}})");
  EXPECT_EQ(event.message.id, "m");
  EXPECT_EQ(event.extra_json, R"({"message":{"messageId":"n"}})");
}

TEST(EventParserTest, IdOfTheReplyObjectIsNoSource) {
  const Event event = Parse(R"({"data":{"reply":{"messageId":"m"}}})");
  EXPECT_EQ(event.message.id, std::nullopt);
  EXPECT_EQ(event.extra_json, R"({"data":{"reply":{"messageId":"m"}}})");
}

TEST(EventParserTest, SixthShapeSwapsSidesForReplies) {
  const std::string rest =
      R"(","data":{"message_id":"m","from":"F","to":"T"}})";
  const Event reply = Parse(R"({"event":"message.replied)" + rest);
  EXPECT_EQ(reply.contact.phone, "F");
  EXPECT_EQ(reply.message.line_phone, "T");
  const Event sent = Parse(R"({"event":"message.sent)" + rest);
  EXPECT_EQ(sent.contact.phone, "T");
  EXPECT_EQ(sent.message.line_phone, "F");
  EXPECT_FALSE(sent.extra_json);
}

TEST(EventParserTest, SidesMeanNothingInOtherShapes) {
  const Event event = Parse(R"({"data":{"messageId":"m","from":"F"}})");
  EXPECT_EQ(event.shape, Shape::kS1);
  EXPECT_EQ(event.contact.phone, std::nullopt);
  EXPECT_EQ(event.extra_json, R"({"data":{"from":"F"}})");
}

TEST(EventParserTest, OnlyTheSixthShapeKnowsFromAndToThatAreNull) {
  EXPECT_EQ(
      Parse(R"({"data":{"messageId":"m","to":null,"from":null}})").extra_json,
      R"({"data":{"to":null,"from":null}})");
  EXPECT_EQ(
      Parse(R"({"data":{"message_id":"m","to":null,"from":null}})").extra_json,
      std::nullopt);
}

TEST(EventParserTest, SideOfTheSixthShapeGoesBeforeOtherPhones) {
  const Event event =
      Parse(R"({"event":"message.replied","data":{"message_id":"m","from":"F",)"
            R"("recipientPhone":"R"}})");
  EXPECT_EQ(event.contact.phone, "F");
  EXPECT_EQ(event.extra_json, R"({"data":{"recipientPhone":"R"}})");
}

TEST(EventParserTest, WrongTypesGoToExtraJson) {
  const std::string members =
      R"("workspaceId":1,"messageId":["m"],"leadId":true,)"
      R"("hsPortalId":12345,"stepIndex":1.5,"sentAt":"yesterday",)"
      R"("sendFallbackSmsOnFailed":"yes","checkedAddresses":["a",null],)"
      R"("attachmentUrls":"x","parentMessages":[1],"recentReplies":{},)"
      R"("testMode":"true","data":"text","lead":[],"originalMessage":"o",)"
      R"("message":7)";
  const Event event = Parse("{" + members + "}");
  EXPECT_EQ(event.extra_json, "{" + members + "}");
  EXPECT_TRUE(event.message == Message());
  EXPECT_TRUE(event.contact == Contact());
  EXPECT_TRUE(event.crm == Crm());
  EXPECT_EQ(event.flags, Flags({Flag::kNoTimestamp}));
}

TEST(EventParserTest, WrongTypeGivesWayToTheNextInOrder) {
  const Event event = Parse(R"({"messageId":7,"data":{"messageId":"m"}})");
  EXPECT_EQ(event.message.id, "m");
  EXPECT_EQ(event.extra_json, R"({"messageId":7})");
}

TEST(EventParserTest, NullMeansAbsentForKnownMembersOnly) {
  const Event event = Parse(
      R"({"messageId":null,"lead":null,"data":{"messageId":"m","test":null},)"
      R"("testMode":null,"originalMessage":null,"novel":null})");
  EXPECT_EQ(event.message.id, "m");
  EXPECT_EQ(event.extra_json, R"({"novel":null})");
}

TEST(EventParserTest, StepIndexIsAWholeNumberFromZero) {
  const auto step = [](const std::string& number) {
    const Event event = Parse("{\"stepIndex\":" + number + "}");
    EXPECT_NE(event.message.step_index.has_value(),
              event.extra_json.has_value());
    return event.message.step_index;
  };
  EXPECT_EQ(step("0"), 0);
  EXPECT_EQ(step("-0"), 0);
  EXPECT_EQ(step("12"), 12);
  EXPECT_EQ(step("1.0"), 1);
  EXPECT_EQ(step("1.5e1"), 15);
  EXPECT_EQ(step("10e-1"), 1);
  EXPECT_EQ(step("0.012E+3"), 12);
  EXPECT_EQ(step("0e99999999999999999999"), 0);
  EXPECT_EQ(step("9007199254740992"), 9007199254740992);
  EXPECT_EQ(step("9007199254740992.0"), 9007199254740992);
  for (const char* wrong :
       {"-1", "0.5", "1e-1", "9007199254740994", "1e400", "1e-400",
        "18446744073709551616", "1e99999999999999999999",
        "1e-99999999999999999999", "10e9223372036854775807",
        "0.1e-9223372036854775808", "\"1\"", "true", "[]"}) {
    EXPECT_EQ(step(wrong), std::nullopt) << wrong;
  }
}

// Rounded to doubles they would be counts, and extra_json would not have what
// was sent.
TEST(EventParserTest, StepIndexIsTheNumberAsWritten) {
  for (const char* number :
       {"9007199254740993", "9007199254740992.1", "1.00000000000000000001",
        "0.99999999999999999999", "90071992547409921e-1"}) {
    const Event event = Parse(std::string("{\"stepIndex\":") + number + "}");
    EXPECT_EQ(event.message.step_index, std::nullopt) << number;
    EXPECT_EQ(event.extra_json, std::string("{\"stepIndex\":") + number + "}");
  }
}

TEST(EventParserTest, ReadsBooleans) {
  EXPECT_EQ(Parse(R"({"message":{"sendFallbackSmsOnFailed":false}})")
                .message.send_fallback_sms_on_failed,
            false);
  EXPECT_EQ(Parse(R"({"data":{"sendFallbackSmsOnFailed":true}})")
                .message.send_fallback_sms_on_failed,
            true);
}

TEST(EventParserTest, MarksTestsByLiteralTrueOnly) {
  const auto is_test = [](const char* body) {
    return Parse(body).flags.Has(Flag::kTest);
  };
  EXPECT_TRUE(is_test(R"({"testMode":true})"));
  EXPECT_TRUE(is_test(R"({"data":{"testMode":true}})"));
  EXPECT_TRUE(is_test(R"({"data":{"test":true}})"));
  EXPECT_FALSE(is_test(R"({"test":true})"));
  EXPECT_FALSE(is_test(R"({"testMode":"true"})"));
  EXPECT_FALSE(is_test(R"({"testMode":1})"));
  EXPECT_FALSE(is_test(R"({"data":{"test":false}})"));
  EXPECT_EQ(Parse(R"({"testMode":true})").extra_json, std::nullopt);
  EXPECT_EQ(Parse(R"({"testMode":false})").extra_json, R"({"testMode":false})");
}

TEST(EventParserTest, ListsWithUnknownMembersAreKeptWhole) {
  const Event event = Parse(
      R"({"parentMessages":[{"messageId":"p","novel":1},{"message":null}],)"
      R"("data":{"parentMessages":[{"messageId":"p"},{}],)"
      R"("reply":{"recentReplies":[{"receivedAtUtc":"x","message":"r"}]}}})");
  ASSERT_EQ(event.message.parents.size(), 2u);
  EXPECT_EQ(event.message.parents[0].message_id, "p");
  ASSERT_EQ(event.message.recent_replies.size(), 1u);
  EXPECT_EQ(event.message.recent_replies[0].text, "r");
  EXPECT_EQ(
      event.extra_json,
      R"({"parentMessages":[{"messageId":"p","novel":1},{"message":null}],)"
      R"("data":{"reply":{"recentReplies":)"
      R"([{"receivedAtUtc":"x","message":"r"}]}}})");
}

TEST(EventParserTest, ListsThatDifferAreKept) {
  const Event event = Parse(
      R"({"attachmentUrls":["a"],"message":{"attachmentUrls":["a","b"]},)"
      R"("parentMessages":[],"data":{"parentMessages":[{"message":"p"}]}})");
  EXPECT_EQ(event.message.attachment_urls,
            (std::vector<std::string>{"a", "b"}));
  EXPECT_TRUE(event.message.parents.empty());
  EXPECT_EQ(event.extra_json,
            R"({"attachmentUrls":["a"],)"
            R"("data":{"parentMessages":[{"message":"p"}]}})");
}

TEST(EventParserTest, LastOfDuplicateKeysWins) {
  const Event event =
      Parse(R"({"event":"message.sent","messageId":"1","x":1,"x":2,)"
            R"("data":{"messageId":"a"},"\u0065vent":"message.reply",)"
            R"("messageId":"2","data":{"message":"t","message":"STOP"}})");
  EXPECT_EQ(event.type, EventType::kMessageReply);
  EXPECT_EQ(event.message.id, "2");
  EXPECT_EQ(event.message.text, "STOP");
  EXPECT_EQ(event.opt_out, true);
  EXPECT_TRUE(event.flags.Has(Flag::kDuplicateKeys));
  EXPECT_EQ(event.extra_json, R"({"x":2})");
}

TEST(EventParserTest, EscapedKeysAreKnown) {
  const Event event = Parse(R"({"\u006dessageId":"m","\u0061\/":1})");
  EXPECT_EQ(event.message.id, "m");
  EXPECT_EQ(event.extra_json, R"({"\u0061\/":1})");
}

TEST(EventParserTest, KeepsUnknownMembersInTheirNestingAsSpelt) {
  const Event event = Parse(
      " { \"a\" : [ 1 , 2 ] , \"data\" : { \"messageId\" : \"m\" , \"b\":1.0 ,"
      "\"reply\":{\"c\":18446744073709551616,\"d\":\"\\ud83d\"},\"e\":-0},"
      "\"lead\":{\"f\":1e400},\"g\":\"\\u00e9\"} ");
  EXPECT_EQ(event.extra_json,
            R"({"a":[ 1 , 2 ],"data":{"b":1.0,"reply":{)"
            R"("c":18446744073709551616,"d":"\ud83d"},"e":-0},)"
            R"("lead":{"f":1e400},"g":"\u00e9"})");
}

TEST(EventParserTest, IllFormedTextIsReplacedAndFlagged) {
  const Event event =
      Parse("{\"messageId\":\"cut \\ud83d\",\"\xff\":\"\xe2\x82\"}");
  EXPECT_EQ(event.message.id, "cut \ufffd");
  EXPECT_EQ(event.extra_json, "{\"\ufffd\":\"\ufffd\"}");
  EXPECT_TRUE(event.flags.Has(Flag::kIllFormedText));
}

TEST(EventParserTest, DeepBodiesAreReadAndFlagged) {
  const std::string deep = std::string(100, '[') + std::string(100, ']');
  const Event event = Parse("{\"messageId\":\"m\",\"x\":" + deep + "}");
  EXPECT_EQ(event.message.id, "m");
  EXPECT_EQ(event.extra_json, "{\"x\":" + deep + "}");
  EXPECT_TRUE(event.flags.Has(Flag::kTooDeep));
}

TEST(EventParserTest, WhatIsNoObjectIsFlaggedAndTypedAsNothing) {
  const std::vector<std::string> bodies = {
      "",
      "not JSON",
      "[]",
      "null",
      "1",
      "\"x\"",
      "{\"event\":\"message.sent\"",
      "\xef\xbb\xbf{}",
      "[{\"a\":1,\"a\":2}]",
      "\"\\ud83d\"",
      "[\"\xff\"]",
      std::string(70, '[') + std::string(70, ']'),
  };
  for (const std::string& body : bodies) {
    const Event event = Parse(body);
    EXPECT_EQ(event.flags, Flags({Flag::kParseError, Flag::kNoTimestamp}))
        << body;
    EXPECT_EQ(event.type_name, "");
    EXPECT_EQ(event.shape, Shape::kUnspecified);
    EXPECT_EQ(event.extra_json, std::nullopt);
    EXPECT_EQ(event.idempotency_key, event.event_id);
    EXPECT_EQ(event.event_id, EventId(DuplicateKey("tuco", body)));
  }
}

TEST(EventParserTest, FlagsAMissingOrUnreadableTimestamp) {
  EXPECT_TRUE(Parse("{}").flags.Has(Flag::kNoTimestamp));
  EXPECT_TRUE(
      Parse(R"({"timestamp":1776254401500})").flags.Has(Flag::kNoTimestamp));
  const Event event = Parse(R"({"timestamp":"today"})");
  EXPECT_TRUE(event.flags.Has(Flag::kNoTimestamp));
  EXPECT_EQ(event.extra_json, R"({"timestamp":"today"})");
}

TEST(EventParserTest, OptOutIsForRepliesWithATextOnly) {
  EXPECT_EQ(Parse(R"({"event":"message.sent","message":"STOP"})").opt_out,
            std::nullopt);
  EXPECT_EQ(Parse(R"({"event":"message.reply"})").opt_out, std::nullopt);
  EXPECT_EQ(Parse(R"({"event":"message.replied","message":"stop!"})").opt_out,
            true);
  EXPECT_EQ(Parse(R"({"event":"message.reply","message":"no"})").opt_out,
            false);
}

TEST(EventParserTest, EndpointIsPartOfTheIdentity) {
  const Event a = ParseUnverified("{}", "a");
  const Event b = ParseUnverified("{}", "b");
  EXPECT_EQ(a.endpoint, "a");
  EXPECT_NE(a.event_id, b.event_id);
  EXPECT_EQ(a.verified_form, VerifiedForm::kUnspecified);
}

TEST(EventParserTest, ShapesAreToldByMembersNotByNames) {
  const auto shape = [](const char* body) {
    return ShapeName(Parse(body).shape);
  };
  EXPECT_EQ(shape("{}"), "UNSPECIFIED");
  EXPECT_EQ(shape(R"({"event":"lead.created","leadId":"l"})"), "UNSPECIFIED");
  EXPECT_EQ(shape(R"({"data":{"messageId":"m"}})"), "S1");
  EXPECT_EQ(shape(R"({"data":{"status":"sent"}})"), "S1");
  EXPECT_EQ(shape(R"({"message":{"_id":"m"}})"), "S2");
  EXPECT_EQ(shape(R"({"message":{"_id":null}})"), "S4");
  EXPECT_EQ(shape(R"({"message":{}})"), "S4");
  EXPECT_EQ(shape(R"({"message":"t","data":{"reply":{}}})"), "S3");
  EXPECT_EQ(shape(R"({"messageId":"m","parentMessages":[]})"), "S3");
  EXPECT_EQ(shape(R"({"messageId":"m"})"), "S5");
  EXPECT_EQ(shape(R"({"messageId":"m","data":{"error":"e"}})"), "S5");
  EXPECT_EQ(shape(R"({"data":{"message_id":"m"}})"), "S6");
  EXPECT_EQ(shape(R"({"data":{"test":true}})"), "TEST");
  EXPECT_EQ(shape(R"({"messageId":"m","data":{"test":true}})"), "S5");
}

}  // namespace
}  // namespace tuco

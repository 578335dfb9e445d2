#include "tuco/drift.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "sample_deliveries.h"
#include "tuco/event_parser.h"

namespace tuco {

// What GoogleTest prints of an entry.
void PrintTo(const Drift& drift, std::ostream* out) {
  *out << DriftKindName(drift.kind) << ' ' << drift.name;
  if (drift.kind != DriftKind::kWrongType) return;
  *out << ' ' << ValueKindName(drift.expected) << ' '
       << ValueKindName(drift.found);
}

namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

std::vector<Drift> DriftIn(std::string_view body) {
  return DriftOf(ParseUnverified(body));
}

Drift UnknownEvent(const char* name) {
  return {DriftKind::kUnknownEvent, name};
}
Drift UnknownField(const char* name) {
  return {DriftKind::kUnknownField, name};
}
Drift WrongType(const char* name, ValueKind expected, ValueKind found) {
  return {DriftKind::kWrongType, name, expected, found};
}

TEST(DriftTest, GenuineDeliveriesHaveNone) {
  for (const SampleDelivery& sample : ReadSampleDeliveries()) {
    if (sample.name == "unknown event") continue;
    EXPECT_THAT(DriftIn(sample.body), IsEmpty()) << sample.name;
  }
}

TEST(DriftTest, NamesWhatIsNewInTheUnknownEvent) {
  EXPECT_THAT(
      DriftIn(ReadSampleDelivery("unknown event").body),
      ElementsAre(UnknownEvent("lead.updated"), UnknownField("somethingNew")));
}

TEST(DriftTest, FindsANewFieldInEveryKnownObject) {
  EXPECT_THAT(
      DriftIn(R"({"event":"message.reply","a":1,"data":{"b":1,"reply":{"c":1}},
          "message":{"d":1},"lead":{"e":1},"originalMessage":{"f":1}})"),
      ElementsAre(UnknownField("a"), UnknownField("data.b"),
                  UnknownField("data.reply.c"), UnknownField("lead.e"),
                  UnknownField("message.d"),
                  UnknownField("originalMessage.f")));
}

TEST(DriftTest, NamesOnlyTheOutermostUnknownMember) {
  EXPECT_THAT(
      DriftIn(R"({"event":"message.sent","data":{"new":{"x":{"y":1}}}})"),
      ElementsAre(UnknownField("data.new")));
}

TEST(DriftTest, FindsNewFieldsThatAreNull) {
  EXPECT_THAT(DriftIn(R"({"event":"message.sent","novel":null})"),
              ElementsAre(UnknownField("novel")));
}

TEST(DriftTest, FindsNewFieldsOfAListsElementsOnce) {
  EXPECT_THAT(DriftIn(R"({"event":"message.reply",
          "parentMessages":[{"messageId":"a","x":1},{"x":2,"y":3}],
          "data":{"reply":{"recentReplies":[{"stepIndex":0}]}}})"),
              ElementsAre(UnknownField("data.reply.recentReplies.stepIndex"),
                          UnknownField("parentMessages.x"),
                          UnknownField("parentMessages.y")));
}

TEST(DriftTest, FindsWrongTypes) {
  EXPECT_THAT(
      DriftIn(R"({"event":"message.sent","timestamp":"today","hsPortalId":7,
          "lead":[],"checkedAddresses":"a","parentMessages":[1],"stepIndex":-1,
          "sendFallbackSmsOnFailed":"yes","testMode":1})"),
      ElementsAre(
          WrongType("checkedAddresses", ValueKind::kTexts, ValueKind::kText),
          WrongType("hsPortalId", ValueKind::kText, ValueKind::kNumber),
          WrongType("lead", ValueKind::kObject, ValueKind::kArray),
          WrongType("parentMessages", ValueKind::kObjects, ValueKind::kArray),
          WrongType("sendFallbackSmsOnFailed", ValueKind::kBoolean,
                    ValueKind::kText),
          WrongType("stepIndex", ValueKind::kCount, ValueKind::kNumber),
          WrongType("testMode", ValueKind::kBoolean, ValueKind::kNumber),
          WrongType("timestamp", ValueKind::kTime, ValueKind::kText)));
}

TEST(DriftTest, FindsWrongTypesInAListsElements) {
  EXPECT_THAT(DriftIn(R"({"event":"message.reply","parentMessages":[
          {"messageId":1,"message":null},
          {"sentAtUtc":"today","stepIndex":0.5}]})"),
              ElementsAre(WrongType("parentMessages.messageId",
                                    ValueKind::kText, ValueKind::kNumber),
                          WrongType("parentMessages.sentAtUtc",
                                    ValueKind::kTime, ValueKind::kText),
                          WrongType("parentMessages.stepIndex",
                                    ValueKind::kCount, ValueKind::kNumber)));
}

TEST(DriftTest, FindsAnEventWithoutAName) {
  EXPECT_THAT(DriftIn("{}"), ElementsAre(UnknownEvent("")));
  EXPECT_THAT(DriftIn(R"({"event":7})"),
              ElementsAre(UnknownEvent(""), WrongType("event", ValueKind::kText,
                                                      ValueKind::kNumber)));
}

TEST(DriftTest, FindsBodiesThatAreNoObject) {
  for (const char* body : {"", "not JSON", "[]", "7", "{\"a\":"}) {
    EXPECT_THAT(DriftIn(body), ElementsAre(Drift{DriftKind::kNoObject, ""}))
        << body;
  }
}

TEST(DriftTest, ContradictionsAndUnsetMarksAreNone) {
  EXPECT_THAT(
      DriftIn(R"({"event":"message.sent","messageId":"a","testMode":false,
          "message":{"_id":"b","messageId":"c"},"data":{"test":false}})"),
      IsEmpty());
}

TEST(DriftTest, SettingsAreKnownWithoutAField) {
  EXPECT_THAT(DriftIn(R"({"event":"message.sent",
          "message":{"_id":"a","settings":{"anything":[1]}}})"),
              IsEmpty());
  EXPECT_THAT(DriftIn(R"({"event":"message.sent",
          "message":{"_id":"a","settings":null}})"),
              IsEmpty());
  EXPECT_THAT(DriftIn(R"({"event":"message.sent",
          "message":{"_id":"a","settings":"none"}})"),
              ElementsAre(WrongType("message.settings", ValueKind::kObject,
                                    ValueKind::kText)));
  EXPECT_THAT(DriftIn(R"({"event":"message.sent","settings":{}})"),
              ElementsAre(UnknownField("settings")));
}

TEST(DriftTest, AnOriginalMessageMayHaveWhatAMessageHas) {
  EXPECT_THAT(DriftIn(R"({"event":"message.reply","originalMessage":{
          "_id":"a","message":"hi","sentAt":"2026-04-15T12:00:00Z",
          "settings":{}}})"),
              IsEmpty());
}

TEST(DriftTest, OnlyTheSixthShapeHasSides) {
  EXPECT_THAT(DriftIn(R"({"event":"message.replied",
          "data":{"message_id":"m","from":"a","to":null}})"),
              IsEmpty());
  EXPECT_THAT(DriftIn(R"({"event":"message.replied",
          "data":{"message_id":"m","from":7}})"),
              ElementsAre(WrongType("data.from", ValueKind::kText,
                                    ValueKind::kNumber)));
  for (const char* side : {"\"a\"", "7", "null"}) {
    EXPECT_THAT(DriftIn(std::string(R"({"event":"message.reply",
            "data":{"messageId":"m","from":)") +
                        side + "}}"),
                ElementsAre(UnknownField("data.from")))
        << side;
  }
}

TEST(DriftTest, KeysThatMayBeValuesAreNotShown) {
  for (const char* key : {"+19042956129", "jane@example.com", "42", "", "a b",
                          "a.b", "a\\n", "Zo\u00eb", "\\ud83d", "a\\u0000"}) {
    EXPECT_THAT(DriftIn(std::string(R"({"event":"message.sent","data":{")") +
                        key + R"(":1}})"),
                ElementsAre(UnknownField("data.*")))
        << key;
  }
  EXPECT_THAT(DriftIn(R"({"event":"Jane Smith"})"),
              ElementsAre(UnknownEvent("*")));
}

TEST(DriftTest, ReadsEscapedKeys) {
  EXPECT_THAT(DriftIn(R"({"event":"message.sent","n\u0065w":1})"),
              ElementsAre(UnknownField("new")));
}

TEST(DriftTest, LongKeysAreNotShown) {
  const std::string longest(kDriftKeyBytesMax, 'k');
  const auto body = [](const std::string& key) {
    return R"({"event":"message.reply","data":{"reply":{"parentMessages":[{")" +
           key + R"(":1}]}}})";
  };
  const auto found = DriftIn(body(longest));
  ASSERT_THAT(found, SizeIs(1));
  EXPECT_EQ(found[0].name, "data.reply.parentMessages." + longest);
  EXPECT_LE(found[0].name.size(), kDriftNameBytesMax);
  EXPECT_THAT(DriftIn(body(longest + "k")),
              ElementsAre(UnknownField("data.reply.parentMessages.*")));
  EXPECT_THAT(DriftIn(R"({"event":")" + longest + "k\"}"),
              ElementsAre(UnknownEvent("*")));
}

// `count` fields that nobody knows, in either order.
std::string ManyFields(std::size_t count, bool backwards) {
  std::string body = R"({"event":"message.sent")";
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t number = 1000 + (backwards ? count - 1 - i : i);
    body += ",\"f" + std::to_string(number) + "\":0";
  }
  return body + "}";
}

TEST(DriftTest, IsBoundedWhateverTheBodyHas) {
  EXPECT_THAT(DriftIn(ManyFields(kDriftCountMax, false)),
              SizeIs(kDriftCountMax));
  EXPECT_THAT(DriftIn(ManyFields(kDriftCountMax + 1, false)),
              SizeIs(kDriftCountMax));
}

TEST(DriftTest, DoesNotDependOnTheOrderOfMembers) {
  const auto found = DriftIn(ManyFields(500, false));
  EXPECT_EQ(found, DriftIn(ManyFields(500, true)));
  EXPECT_EQ(found.front().name, "f1000");
  EXPECT_EQ(found.back().name, "f1031");
  EXPECT_TRUE(std::is_sorted(found.begin(), found.end()));
}

TEST(DriftTest, StoredEventsMayHaveAnythingAsExtraJson) {
  Event event;
  event.type = EventType::kMessageSent;
  for (const char* extra : {"", "not JSON", "[]", "7", "{}"}) {
    event.extra_json = extra;
    EXPECT_THAT(DriftOf(event), IsEmpty()) << extra;
  }
}

TEST(DriftTest, KindsHaveNames) {
  EXPECT_EQ(DriftKindName(DriftKind::kUnknownEvent), "unknown_event");
  EXPECT_EQ(DriftKindName(DriftKind::kNoObject), "no_object");
  EXPECT_EQ(DriftKindName(static_cast<DriftKind>(200)), "unspecified");
  std::set<std::string_view> names;
  for (int i = 0; i <= static_cast<int>(ValueKind::kObjects); ++i) {
    names.insert(ValueKindName(static_cast<ValueKind>(i)));
  }
  EXPECT_THAT(names, SizeIs(11));
  EXPECT_EQ(ValueKindName(ValueKind::kObjects), "objects");
}

}  // namespace
}  // namespace tuco

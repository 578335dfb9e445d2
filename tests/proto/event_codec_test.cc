#include "proto/event_codec.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "tests/proto/full_event.h"

namespace tuco::proto {
namespace {

TEST(EventCodecTest, RoundTripKeepsEveryField) {
  const Event event = FullEvent();
  EXPECT_EQ(FromProto(ToProto(event)), event);
}

TEST(EventCodecTest, RoundTripKeepsAbsentApartFromEmpty) {
  Event event;
  event.message.text = "";
  const Event back = FromProto(ToProto(event));
  EXPECT_EQ(back.message.text, "");
  EXPECT_EQ(back.message.id, std::nullopt);
  EXPECT_EQ(back, event);
}

TEST(EventCodecTest, LeavesEmptyMessagesUnset) {
  const events::v1::Event message = ToProto(Event());
  EXPECT_FALSE(message.has_message());
  EXPECT_FALSE(message.has_contact());
  EXPECT_FALSE(message.has_campaign());
  EXPECT_FALSE(message.has_crm());
}

TEST(EventCodecTest, SetsEveryFieldOfTheSchema) {
  // A field that is added to the schema and forgotten in the codec or in
  // FullEvent shows here.
  const events::v1::Event message = ToProto(FullEvent());
  const auto expect_all_set = [](const google::protobuf::Message& part) {
    const auto* descriptor = part.GetDescriptor();
    for (int i = 0; i < descriptor->field_count(); ++i) {
      const auto* field = descriptor->field(i);
      const bool set = field->is_repeated()
                           ? part.GetReflection()->FieldSize(part, field) > 0
                           : part.GetReflection()->HasField(part, field);
      EXPECT_TRUE(set) << field->full_name();
    }
  };
  expect_all_set(message);
  expect_all_set(message.message());
  expect_all_set(message.message().parents(0));
  expect_all_set(message.message().recent_replies(0));
  expect_all_set(message.contact());
  expect_all_set(message.campaign());
  expect_all_set(message.crm());
}

TEST(EventCodecTest, DropsFlagsThatThisVersionDoesNotKnow) {
  events::v1::Event message;
  message.add_flags(events::v1::FLAG_TEST);
  message.add_flags(static_cast<events::v1::Flag>(31));
  message.add_flags(static_cast<events::v1::Flag>(-1));
  EXPECT_EQ(FromProto(message).flags, Flags({Flag::kTest}));
}

TEST(EventCodecTest, SpellsTimesBeforeTheEpochWithPositiveNanos) {
  Event event;
  event.occurred_at = Timestamp(std::chrono::microseconds(-1));
  const events::v1::Event message = ToProto(event);
  EXPECT_EQ(message.occurred_at().seconds(), -1);
  EXPECT_EQ(message.occurred_at().nanos(), 999'999'000);
  EXPECT_EQ(FromProto(message).occurred_at, event.occurred_at);
}

TEST(EventCodecTest, JsonIsProtobufsOwn) {
  Event event;
  event.sequence = 42;
  event.type = EventType::kMessageReply;
  event.flags.Add(Flag::kLate);
  event.body = "{}";
  const std::string json = ToJson(ToProto(event));
  EXPECT_EQ(json, R"({"sequence":"42","type":"EVENT_TYPE_MESSAGE_REPLY",)"
                  R"("flags":["FLAG_LATE"],"body":"e30="})");
}

}  // namespace
}  // namespace tuco::proto

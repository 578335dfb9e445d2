#include "proto/event_writer.h"

#include <google/protobuf/message.h>
#include <gtest/gtest.h>

#include <chrono>
#include <random>
#include <string>
#include <vector>

#include "proto/event_codec.h"
#include "tests/proto/full_event.h"

namespace tuco::proto {
namespace {

namespace pb = events::v1;
using google::protobuf::FieldDescriptor;

// What protobuf makes of it.
std::string Expected(const Event& event) {
  pb::Event message = ToProto(event);
  message.clear_sequence();
  message.clear_epoch();
  message.clear_recorded_at();
  message.clear_suspected_duplicate_of();
  message.clear_body();
  message.clear_signature();
  return message.SerializeAsString();
}

TEST(EventWriterTest, WritesWhatProtobufWrites) {
  EXPECT_EQ(SerializeForLog(FullEvent()), Expected(FullEvent()));
  EXPECT_EQ(SerializeForLog(Event()), "");
}

TEST(EventWriterTest, LeavesOutWhatTheLogGives) {
  pb::Event stored;
  ASSERT_TRUE(stored.ParseFromString(SerializeForLog(FullEvent())));
  Event expected = FullEvent();
  expected.sequence = 0;
  expected.epoch = 0;
  expected.recorded_at.reset();
  expected.suspected_duplicate_of.reset();
  expected.body.reset();
  expected.signature.reset();
  EXPECT_EQ(FromProto(stored), expected);
}

TEST(EventWriterTest, KeepsWhatIsThereAndEmpty) {
  pb::Event message;
  message.mutable_message()->set_text("");
  Event event = FromProto(message);
  event.occurred_at = Timestamp();
  event.opt_out = false;
  event.message.step_index = 0;
  event.message.checked_addresses = {"", ""};
  event.message.parents.emplace_back();
  event.message.recent_replies.emplace_back();
  EXPECT_EQ(SerializeForLog(event), Expected(event));
  pb::Event stored;
  ASSERT_TRUE(stored.ParseFromString(SerializeForLog(event)));
  EXPECT_EQ(FromProto(stored), event);
}

TEST(EventWriterTest, WritesNumbersOfEverySizeAndSign) {
  for (const std::int64_t number :
       {INT64_MIN, std::int64_t{-1}, std::int64_t{127}, std::int64_t{128},
        std::int64_t{1} << 35, INT64_MAX}) {
    Event event;
    event.message.step_index = number;
    event.occurred_at =
        Timestamp(std::chrono::microseconds(number / 1'000'000));
    event.message.text =
        std::string(static_cast<std::size_t>(number & 300), 'x');
    EXPECT_EQ(SerializeForLog(event), Expected(event)) << number;
  }
}

// Clears fields of `message`, and of the messages in it, at random.
void ClearSome(std::mt19937& random, google::protobuf::Message& message) {
  const auto* reflection = message.GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection->ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    if (random() % 3 == 0) {
      reflection->ClearField(&message, field);
    } else if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) {
      continue;
    } else if (!field->is_repeated()) {
      ClearSome(random, *reflection->MutableMessage(&message, field));
    } else {
      for (int i = 0; i < reflection->FieldSize(message, field); ++i) {
        ClearSome(random,
                  *reflection->MutableRepeatedMessage(&message, field, i));
      }
    }
  }
}

TEST(EventWriterTest, WritesAnyFieldsAsProtobufDoes) {
  std::mt19937 random(20'261'130);
  for (int i = 0; i < 2'000; ++i) {
    pb::Event message = ToProto(FullEvent());
    ClearSome(random, message);
    const Event event = FromProto(message);
    ASSERT_EQ(SerializeForLog(event), Expected(event))
        << message.ShortDebugString();
  }
}

}  // namespace
}  // namespace tuco::proto

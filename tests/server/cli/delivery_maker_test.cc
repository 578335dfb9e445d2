#include "server/cli/delivery_maker.h"

#include <gtest/gtest.h>

#include <chrono>
#include <set>

#include "tuco/event_parser.h"

namespace tuco::cli {
namespace {

const Timestamp kNow = ParseTimestamp("2026-11-23T10:20:30.456Z").value();

DeliveryOrder Order(std::string_view shape, std::string_view event,
                    const std::vector<std::string>& fields = {}) {
  DeliveryOrder order{ChooseKind(shape, event).value(), kNow, "id1", {}};
  for (const std::string& field : fields) {
    order.fields.push_back(ParseFieldSetting(field).value());
  }
  return order;
}

Event Parse(const DeliveryOrder& order) {
  return ParseUnverified(MakeDelivery(order).value().body);
}

TEST(ChooseKinds, AllIsEachShapeThatCarriesTheEvent) {
  const auto shapes = [](std::string_view event) {
    std::vector<Shape> found;
    found.reserve(6);
    const auto kinds = ChooseKinds("all", event).value();
    for (const DeliveryKind& kind : kinds) {
      found.push_back(kind.shape);
    }
    return found;
  };
  EXPECT_EQ(shapes(""), (std::vector{Shape::kS1, Shape::kS2, Shape::kS3,
                                     Shape::kS4, Shape::kS5, Shape::kS6}));
  EXPECT_EQ(shapes("message.fallback"),
            (std::vector{Shape::kS1, Shape::kS2, Shape::kS5}));
  EXPECT_EQ(ChooseKinds("S3", "").value().size(), 1U);
  EXPECT_FALSE(ChooseKinds("S7", "").ok());
}

TEST(DeliveryKind, FillsInWhatIsNotGiven) {
  EXPECT_EQ(ChooseKind("", "").value(),
            (DeliveryKind{Shape::kS1, "message.reply"}));
  EXPECT_EQ(ChooseKind("S2", "").value(),
            (DeliveryKind{Shape::kS2, "message.sent"}));
  EXPECT_EQ(ChooseKind("test", "").value(),
            (DeliveryKind{Shape::kTest, "message.sent"}));
  EXPECT_EQ(ChooseKind("", "message.delivered").value(),
            (DeliveryKind{Shape::kS5, "message.delivered"}));
  EXPECT_EQ(ChooseKind("", "message.replied").value(),
            (DeliveryKind{Shape::kS6, "message.replied"}));
}

TEST(DeliveryKind, LetsUnknownEventsIntoEveryShape) {
  EXPECT_EQ(ChooseKind("S6", "lead.updated").value(),
            (DeliveryKind{Shape::kS6, "lead.updated"}));
  EXPECT_EQ(ChooseKind("", "lead.updated").value().shape, Shape::kS1);
}

TEST(DeliveryKind, RefusesWhatTucoWouldNotSend) {
  for (const auto& [shape, event] : {std::pair{"S7", ""},
                                     {"s1", ""},
                                     {"S1", "message.delivered"},
                                     {"S3", "message.sent"},
                                     {"S1", "a b"},
                                     {"S1", "a\r\nX: y"}}) {
    EXPECT_TRUE(absl::IsInvalidArgument(ChooseKind(shape, event).status()))
        << shape << " " << event;
  }
}

// Every shape with every event that it carries.
class EveryKind
    : public testing::TestWithParam<std::pair<const char*, const char*>> {};

TEST_P(EveryKind, IsReadBackAsWhatItIs) {
  const DeliveryOrder order = Order(GetParam().first, GetParam().second);
  const Event event = Parse(order);
  EXPECT_EQ(event.shape, order.kind.shape);
  EXPECT_EQ(event.type_name, order.kind.event);
  EXPECT_EQ(event.occurred_at, kNow);
  EXPECT_EQ(event.flags,
            order.kind.shape == Shape::kTest ? Flags{Flag::kTest} : Flags{});
  EXPECT_TRUE(event.message.text.has_value());
}

TEST_P(EveryKind, HasItsOwnMessageAndContact) {
  const DeliveryOrder order = Order(GetParam().first, GetParam().second);
  if (order.kind.shape == Shape::kTest) return;  // Has neither.
  const Event event = Parse(order);
  EXPECT_EQ(event.message.id, "id1");
  EXPECT_EQ(event.contact.phone, "+19042956129");
}

TEST_P(EveryKind, DiffersFromTheNextInItsId) {
  DeliveryOrder order = Order(GetParam().first, GetParam().second);
  const std::string first = MakeDelivery(order).value().body;
  order.message_id = "id2";
  EXPECT_NE(MakeDelivery(order).value().body, first);
}

INSTANTIATE_TEST_SUITE_P(
    DeliveryMaker, EveryKind,
    testing::Values(
        std::pair{"S1", "message.reply"}, std::pair{"S1", "message.sent"},
        std::pair{"S1", "message.failed"}, std::pair{"S1", "message.fallback"},
        std::pair{"S1", "message.opened"}, std::pair{"S2", "message.sent"},
        std::pair{"S2", "message.failed"}, std::pair{"S2", "message.fallback"},
        std::pair{"S2", "message.opened"}, std::pair{"S3", "message.reply"},
        std::pair{"S4", "message.reply"}, std::pair{"S5", "message.delivered"},
        std::pair{"S5", "message.fallback"}, std::pair{"S6", "message.replied"},
        std::pair{"S2", "lead.updated"}, std::pair{"test", "message.sent"},
        std::pair{"test", "message.reply"}));

TEST(DeliveryMaker, SaysWhyMessagesFailAndFallBack) {
  EXPECT_EQ(Parse(Order("S1", "message.failed")).message.error,
            "Device offline");
  EXPECT_EQ(Parse(Order("S2", "message.failed")).message.error,
            "Device offline");
  for (const char* shape : {"S1", "S2", "S5"}) {
    const Event event = Parse(Order(shape, "message.fallback"));
    EXPECT_EQ(event.message.reason, "No iMessage on +19042956129") << shape;
    EXPECT_EQ(event.message.checked_addresses.size(), 2U) << shape;
  }
}

TEST(DeliveryMaker, SetsFields) {
  const Event event = Parse(Order(
      "S1", "",
      {"data.message=STOP \"now\"", "testMode=json:true", "lead.email=a@b.c"}));
  EXPECT_EQ(event.message.text, "STOP \"now\"");
  EXPECT_TRUE(event.flags.Has(Flag::kTest));
  EXPECT_EQ(event.contact.email, "a@b.c");
}

TEST(DeliveryMaker, LetsHeadersFollowTheBody) {
  const Delivery plain = MakeDelivery(Order("S1", "")).value();
  EXPECT_EQ(plain.event, "message.reply");
  EXPECT_EQ(plain.timestamp, "2026-11-23T10:20:30.456Z");
  const Delivery set =
      MakeDelivery(
          Order("S1", "", {"event=x.y", "timestamp=2026-01-01T00:00:00Z"}))
          .value();
  EXPECT_EQ(set.event, "x.y");
  EXPECT_EQ(set.timestamp, "2026-01-01T00:00:00Z");
}

TEST(DeliveryMaker, NeverPutsControlCharactersIntoHeaders) {
  const Delivery delivery =
      MakeDelivery(Order("S1", "", {"event=a\r\nX: y", "timestamp=json:7"}))
          .value();
  EXPECT_EQ(delivery.event, "message.reply");
  EXPECT_EQ(delivery.timestamp, "2026-11-23T10:20:30.456Z");
}

TEST(DeliveryMaker, RefusesAFieldInsideOfALeaf) {
  EXPECT_TRUE(absl::IsInvalidArgument(
      MakeDelivery(Order("S1", "", {"data.message.x=1"})).status()));
}

TEST(FieldSetting, RefusesWhatIsMalformed) {
  for (const char* text : {"", "path", "a=json:", "a=json:{", "a=\xff"}) {
    EXPECT_TRUE(absl::IsInvalidArgument(ParseFieldSetting(text).status()))
        << text;
  }
}

TEST(FieldSetting, KeepsEverythingBehindTheFirstEqualsSign) {
  EXPECT_EQ(ParseFieldSetting("a.b=c=d").value().path, "a.b");
  EXPECT_EQ(ParseFieldSetting("a.b=c=d").value().value.ToString(), "\"c=d\"");
  EXPECT_EQ(ParseFieldSetting("a=").value().value.ToString(), "\"\"");
}

TEST(NewMessageId, IsAnObjectIdAndNew) {
  std::set<std::string> ids;
  for (int i = 0; i < 100; ++i) ids.insert(NewMessageId(kNow));
  EXPECT_EQ(ids.size(), 100U);
  EXPECT_EQ(ids.begin()->size(), 24U);
  EXPECT_EQ(ids.begin()->find_first_not_of("0123456789abcdef"),
            std::string::npos);
}

}  // namespace
}  // namespace tuco::cli

#include "tuco/event_type.h"

#include <gtest/gtest.h>

namespace tuco {
namespace {

TEST(EventTypeTest, KnowsTucosNames) {
  EXPECT_EQ(EventTypeFromName("message.sent"), EventType::kMessageSent);
  EXPECT_EQ(EventTypeFromName("message.failed"), EventType::kMessageFailed);
  EXPECT_EQ(EventTypeFromName("message.fallback"), EventType::kMessageFallback);
  EXPECT_EQ(EventTypeFromName("message.reply"), EventType::kMessageReply);
  EXPECT_EQ(EventTypeFromName("message.replied"), EventType::kMessageReply);
  EXPECT_EQ(EventTypeFromName("message.opened"), EventType::kMessageOpened);
  EXPECT_EQ(EventTypeFromName("message.delivered"),
            EventType::kMessageDelivered);
}

TEST(EventTypeTest, LeavesOtherNamesUnspecified) {
  EXPECT_EQ(EventTypeFromName(""), EventType::kUnspecified);
  EXPECT_EQ(EventTypeFromName("lead.created"), EventType::kUnspecified);
  EXPECT_EQ(EventTypeFromName("MESSAGE.SENT"), EventType::kUnspecified);
}

TEST(EventTypeTest, NamesAreTheContracts) {
  EXPECT_EQ(ReasonName(Reason::kSignatureMissing), "SIGNATURE_MISSING");
  EXPECT_EQ(ReasonName(Reason::kSignatureMismatch), "SIGNATURE_MISMATCH");
  EXPECT_EQ(ReasonName(Reason::kReplayBounds), "REPLAY_BOUNDS");
  EXPECT_EQ(FlagName(Flag::kTest), "TEST");
  EXPECT_EQ(FlagName(Flag::kNoTimestamp), "NO_TIMESTAMP");
  EXPECT_EQ(FlagName(Flag::kWorkspaceMismatch), "WORKSPACE_MISMATCH");
  EXPECT_EQ(ShapeName(Shape::kS1), "S1");
  EXPECT_EQ(ShapeName(Shape::kTest), "TEST");
  EXPECT_EQ(ShapeName(static_cast<Shape>(200)), "UNSPECIFIED");
}

TEST(FlagsTest, HoldsASet) {
  Flags flags = {Flag::kTest, Flag::kLate};
  EXPECT_TRUE(flags.Has(Flag::kTest));
  EXPECT_FALSE(flags.Has(Flag::kEarly));
  EXPECT_EQ(flags.bits(), 0b110u);
  EXPECT_EQ(Flags::FromBits(0b110), flags);
  EXPECT_TRUE(Flags().Empty());
}

}  // namespace
}  // namespace tuco

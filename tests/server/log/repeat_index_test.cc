#include "server/log/repeat_index.h"

#include <optional>
#include <string>

#include "gtest/gtest.h"

namespace tuco::log {
namespace {

TEST(RepeatIndexTest, GivesTheFirstSequenceOfAKeyThatComesAgain) {
  RepeatIndex index(100);
  EXPECT_EQ(index.Note("tuco", "m1", "message.sent", 7), std::nullopt);
  EXPECT_EQ(index.Note("tuco", "m1", "message.sent", 8), 7u);
  EXPECT_EQ(index.Note("tuco", "m1", "message.sent", 9), 7u);
}

TEST(RepeatIndexTest, KeepsEndpointMessageAndTypeApart) {
  RepeatIndex index(100);
  EXPECT_EQ(index.Note("tuco", "m1", "message.sent", 1), std::nullopt);
  EXPECT_EQ(index.Note("other", "m1", "message.sent", 2), std::nullopt);
  EXPECT_EQ(index.Note("tuco", "m2", "message.sent", 3), std::nullopt);
  EXPECT_EQ(index.Note("tuco", "m1", "message.opened", 4), std::nullopt);
  EXPECT_EQ(index.Note("tucom", "1", "message.sent", 5), std::nullopt);
}

TEST(RepeatIndexTest, EventsWithoutAMessageRepeatNothing) {
  RepeatIndex index(100);
  EXPECT_EQ(index.Note("tuco", "", "webhook.test", 1), std::nullopt);
  EXPECT_EQ(index.Note("tuco", "", "webhook.test", 2), std::nullopt);
  EXPECT_EQ(index.size(), 0u);
}

TEST(RepeatIndexTest, ForgetsTheOldestBeyondItsCapacity) {
  RepeatIndex index(3);
  for (int i = 1; i <= 4; ++i) {
    index.Note("tuco", std::to_string(i), "message.sent", i);
  }
  EXPECT_EQ(index.size(), 3u);
  EXPECT_EQ(index.Note("tuco", "2", "message.sent", 5), 2u);
  EXPECT_EQ(index.Note("tuco", "1", "message.sent", 6), std::nullopt);
}

TEST(RepeatIndexTest, TakesBackWhatWasNotAppended) {
  RepeatIndex index(100);
  index.Note("tuco", "m1", "message.sent", 1);
  index.Note("tuco", "m2", "message.sent", 2);
  index.Note("tuco", "m3", "message.sent", 3);
  index.ForgetFrom(2);
  EXPECT_EQ(index.size(), 1u);
  EXPECT_EQ(index.Note("tuco", "m2", "message.sent", 2), std::nullopt);
  EXPECT_EQ(index.Note("tuco", "m1", "message.sent", 3), 1u);
}

}  // namespace
}  // namespace tuco::log

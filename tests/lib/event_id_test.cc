#include "tuco/event_id.h"

#include <gtest/gtest.h>

namespace tuco {
namespace {

TEST(EventIdTest, IsTheFrontOfTheDuplicateKey) {
  // printf 'tuco\0{}' | sha256sum
  const Digest key = DuplicateKey("tuco", "{}");
  EXPECT_EQ(EventId(key), "evt_" + ToHex(key).substr(0, 32));
  EXPECT_EQ(ToHex(key), ToHex(Sha256(std::string_view("tuco\0{}", 7))));
}

TEST(EventIdTest, SeparatesEndpointFromBody) {
  EXPECT_NE(DuplicateKey("a", "bc"), DuplicateKey("ab", "c"));
  EXPECT_NE(DuplicateKey("a", "x"), DuplicateKey("b", "x"));
}

}  // namespace
}  // namespace tuco

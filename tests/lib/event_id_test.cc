#include "tuco/event_id.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

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

// Of every length around a block's, behind endpoints that fill one and do not.
TEST(EventIdTest, ManyKeysAreThoseOfEach) {
  std::vector<std::string> bodies;
  for (std::size_t size = 0; size < 200; ++size) bodies.emplace_back(size, 'x');
  const std::vector<std::string_view> views(bodies.begin(), bodies.end());
  for (const std::size_t length : {4U, 62U, 63U, 64U, 100U}) {
    const std::string endpoint(length, 'e');
    std::vector<Digest> keys(views.size());
    DuplicateKeys(endpoint, views, keys);
    for (std::size_t i = 0; i < views.size(); ++i) {
      EXPECT_EQ(keys[i], DuplicateKey(endpoint, views[i]));
    }
  }
}

}  // namespace
}  // namespace tuco

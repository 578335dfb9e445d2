#include "tuco/hmac_sha256.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/lib/rfc4231.h"

namespace tuco {
namespace {

using ::testing::Each;
using ::testing::StartsWith;

std::string SignHex(std::string_view key, std::string_view message) {
  return ToHex(HmacSha256Key(key).Sign(message));
}

class Rfc4231Test : public ::testing::TestWithParam<Rfc4231Case> {};

TEST_P(Rfc4231Test, TagIsThePublishedOne) {
  EXPECT_THAT(SignHex(GetParam().key, GetParam().message),
              StartsWith(std::string(GetParam().tag_prefix)));
}

INSTANTIATE_TEST_SUITE_P(Published, Rfc4231Test,
                         ::testing::ValuesIn(Rfc4231Cases()),
                         [](const auto& test) {
                           return "Case" + std::to_string(test.param.number);
                         });

// The tags below that no document publishes come from Python's hmac module.
TEST(HmacSha256KeyTest, TakesAnEmptyKeyAndAnEmptyMessage) {
  EXPECT_EQ(SignHex({}, {}),
            "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

TEST(HmacSha256KeyTest, EmptyMessageHasATag) {
  EXPECT_EQ(SignHex("key", {}),
            "5d5d139563c95b5967b9bd9a8c9b233a9dedb45072794cd232dc1b74832607d0");
}

TEST(HmacSha256KeyTest, KeyOfOneBlockIsUsedAsItIs) {
  EXPECT_EQ(SignHex(std::string(64, 'k'), "m"),
            "3b7a8d453e76edb519238a515105a57508d0f169f480ebeee120a9e7803289fa");
}

TEST(HmacSha256KeyTest, KeyLongerThanABlockIsItsHash) {
  const std::string long_key(65, 'k');
  const Digest hash = Sha256(long_key);
  const std::string short_key(hash.begin(), hash.end());
  EXPECT_EQ(HmacSha256Key(long_key).Sign("m"),
            HmacSha256Key(short_key).Sign("m"));
}

TEST(HmacSha256KeyTest, SignsTheSameTwice) {
  const HmacSha256Key key("secret");
  EXPECT_EQ(key.Sign("message"), key.Sign("message"));
}

TEST(HmacSha256KeyTest, CopyOutlivesItsOriginal) {
  const Digest expected = HmacSha256Key("secret").Sign("message");
  HmacSha256Key assigned("another");
  {
    const HmacSha256Key original("secret");
    assigned = original;
  }
  const HmacSha256Key copied(assigned);
  EXPECT_EQ(assigned.Sign("message"), expected);
  EXPECT_EQ(copied.Sign("message"), expected);
}

TEST(ConstantTimeEqualTest, EveryBitCounts) {
  const Digest tag = HmacSha256Key("secret").Sign("message");
  EXPECT_TRUE(ConstantTimeEqual(tag, tag));
  for (std::size_t bit = 0; bit < 8 * tag.size(); ++bit) {
    Digest other = tag;
    other[bit / 8] ^= static_cast<std::uint8_t>(1u << bit % 8);
    EXPECT_FALSE(ConstantTimeEqual(tag, other)) << "bit " << bit;
  }
}

TEST(SecureWipeTest, LeavesZeros) {
  std::string secret = "secret";
  SecureWipe(secret.data(), secret.size());
  EXPECT_THAT(secret, Each('\0'));
}

TEST(RandomBytesTest, GivesTheCountAskedForAndNotTheSameTwice) {
  EXPECT_EQ(RandomBytes(0), "");
  EXPECT_EQ(RandomBytes(32).size(), 32u);
  EXPECT_NE(RandomBytes(32), RandomBytes(32));
}

}  // namespace
}  // namespace tuco

#include "tuco/digest.h"

#include <optional>
#include <string>

#include "gtest/gtest.h"

namespace tuco {
namespace {

// From NIST's example values for SHA-256.
constexpr std::string_view kSha256OfNothing =
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
constexpr std::string_view kSha256OfAbc =
    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
constexpr std::string_view kTwoBlocks =
    "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
constexpr std::string_view kSha256OfTwoBlocks =
    "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1";

TEST(Sha256Test, GivesThePublishedDigests) {
  EXPECT_EQ(ToHex(Sha256({})), kSha256OfNothing);
  EXPECT_EQ(ToHex(Sha256("abc")), kSha256OfAbc);
  EXPECT_EQ(ToHex(Sha256(kTwoBlocks)), kSha256OfTwoBlocks);
}

TEST(Sha256Test, HashesTheConcatenationOfItsParts) {
  EXPECT_EQ(ToHex(Sha256("a", "b", "c")), kSha256OfAbc);
  EXPECT_EQ(ToHex(Sha256("", "abc", "")), kSha256OfAbc);
  EXPECT_EQ(ToHex(Sha256("", "", "abc")), kSha256OfAbc);
}

TEST(ToHexTest, SpellsEveryByteInLowerCase) {
  for (int byte = 0; byte < 256; ++byte) {
    char expected[3];
    std::snprintf(expected, sizeof(expected), "%02x", byte);
    EXPECT_EQ(ToHex(std::string(1, static_cast<char>(byte))), expected);
  }
}

TEST(ToHexTest, EmptyBytesHaveNoDigits) {
  EXPECT_EQ(ToHex(std::string_view()), "");
}

TEST(DigestFromHexTest, ReadsWhatToHexWrites) {
  const Digest digest = Sha256("abc");
  EXPECT_EQ(DigestFromHex(ToHex(digest)), digest);
}

TEST(DigestFromHexTest, TakesEitherCase) {
  std::string upper(kSha256OfAbc);
  for (char& digit : upper) {
    if (digit >= 'a') digit = static_cast<char>(digit - 'a' + 'A');
  }
  EXPECT_EQ(DigestFromHex(upper), Sha256("abc"));
}

TEST(DigestFromHexTest, RefusesEveryOtherLength) {
  const std::string digits(130, '0');
  for (std::size_t size = 0; size <= digits.size(); ++size) {
    if (size == 64) continue;
    EXPECT_EQ(DigestFromHex(digits.substr(0, size)), std::nullopt) << size;
  }
}

TEST(DigestFromHexTest, RefusesEveryByteThatIsNoDigitAnywhere) {
  const std::string_view digits = "0123456789abcdefABCDEF";
  for (std::size_t at = 0; at < 64; ++at) {
    for (int byte = 0; byte < 256; ++byte) {
      std::string hex(kSha256OfAbc);
      hex[at] = static_cast<char>(byte);
      const bool is_digit = digits.find(hex[at]) != std::string_view::npos;
      EXPECT_EQ(DigestFromHex(hex).has_value(), is_digit)
          << "byte " << byte << " at " << at;
    }
  }
}

}  // namespace
}  // namespace tuco

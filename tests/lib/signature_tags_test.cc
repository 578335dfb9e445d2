// The classes of Wycheproof's HMAC tests: tags of keys and messages of every
// size, changed tags, and tags that are cut.

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <string_view>

#include "hmac_by_definition.h"
#include "tuco/hmac_sha256.h"
#include "tuco/signature_verifier.h"

namespace tuco {
namespace {

constexpr std::string_view kBody = R"({"event":"message.sent"})";

// Any bytes, the same in every run.
std::string SomeBytes(std::mt19937& random, std::size_t size) {
  std::string bytes(size, '\0');
  for (char& c : bytes) c = static_cast<char>(random());
  return bytes;
}

SignatureVerifier VerifierOf(const std::string& secret) {
  return SignatureVerifier::Create({{"main", secret}}).value();
}

TEST(SignatureTagsTest, KeysOfEverySizeGiveTheDefinedTag) {
  std::mt19937 random(1);
  for (std::size_t size = 0; size <= 3 * kHmacBlockBytes; ++size) {
    const std::string key = SomeBytes(random, size);
    EXPECT_EQ(HmacSha256Key(key).Sign(kBody), TagByDefinition(key, kBody))
        << size;
  }
}

TEST(SignatureTagsTest, MessagesOfEverySizeGiveTheDefinedTag) {
  std::mt19937 random(2);
  const std::string key = SomeBytes(random, 32);
  const HmacSha256Key hmac(key);
  for (std::size_t size = 0; size <= 5 * kHmacBlockBytes; ++size) {
    const std::string message = SomeBytes(random, size);
    EXPECT_EQ(hmac.Sign(message), TagByDefinition(key, message)) << size;
  }
}

TEST(SignatureTagsTest, AnyChangedBitOfATagIsAMismatch) {
  const std::string secret = "whsec_example";
  const Digest tag = TagByDefinition(secret, kBody);
  const SignatureVerifier verifier = VerifierOf(secret);
  ASSERT_TRUE(verifier.Verify(kBody, ToHex(tag)).genuine());
  for (std::size_t bit = 0; bit < 8 * tag.size(); ++bit) {
    Digest changed = tag;
    changed[bit / 8] ^= static_cast<std::uint8_t>(1u << bit % 8);
    const Verdict verdict = verifier.Verify(kBody, ToHex(changed));
    EXPECT_EQ(verdict.reason(), Reason::kSignatureMismatch) << bit;
  }
}

TEST(SignatureTagsTest, ReplacedTagsAreAMismatch) {
  const std::string secret = "whsec_example";
  const Digest tag = TagByDefinition(secret, kBody);
  const SignatureVerifier verifier = VerifierOf(secret);
  Digest inverted = tag;
  for (std::uint8_t& byte : inverted) byte ^= 0xff;
  Digest reversed = tag;
  std::reverse(reversed.begin(), reversed.end());
  Digest ones;
  ones.fill(0xff);
  for (const Digest& other : {inverted, reversed, ones, Digest{}}) {
    const Verdict verdict = verifier.Verify(kBody, ToHex(other));
    EXPECT_EQ(verdict.reason(), Reason::kSignatureMismatch) << ToHex(other);
  }
}

TEST(SignatureTagsTest, TagsThatAreCutOrPaddedAreMalformed) {
  const std::string secret = "whsec_example";
  const std::string hex = ToHex(TagByDefinition(secret, kBody));
  const SignatureVerifier verifier = VerifierOf(secret);
  for (std::size_t size = 1; size < hex.size(); ++size) {
    for (const std::string& cut : {hex.substr(0, size), hex.substr(size)}) {
      const Verdict verdict = verifier.Verify(kBody, cut);
      EXPECT_EQ(verdict.reason(), Reason::kSignatureMalformed) << cut;
    }
  }
  for (const std::string& padded : {hex + "00", "00" + hex, hex + hex}) {
    const Verdict verdict = verifier.Verify(kBody, padded);
    EXPECT_EQ(verdict.reason(), Reason::kSignatureMalformed) << padded;
  }
}

}  // namespace
}  // namespace tuco

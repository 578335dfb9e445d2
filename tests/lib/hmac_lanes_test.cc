#include "tuco/internal/hmac_lanes.h"

#include <cstdint>
#include <functional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/lib/rfc4231.h"

namespace tuco {
namespace {

using ::testing::StartsWith;

using Messages = std::vector<std::string_view>;

constexpr std::string_view kKey = "whsec_sample_5f0c2a7e9d41";

// RFC 2104's key block xor `pad`, hashed by the path from FIPS 180-4's initial
// words, so that the crypto library has no part in it.
internal::Sha256Words PaddedKey(const internal::Sha256Path& path,
                                std::string_view key, char pad) {
  std::string block(internal::kSha256BlockBytes, pad);
  for (std::size_t i = 0; i < key.size(); ++i) block[i] ^= key[i];
  internal::Sha256Lane lane = {
      {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c,
       0x1f83d9ab, 0x5be0cd19},
      reinterpret_cast<const unsigned char*>(block.data())};
  internal::Sha256Lane* const only = &lane;
  path.compress({&only, 1}, 1);
  return lane.words;
}

std::string AtMostABlock(std::string_view key) {
  if (key.size() <= internal::kSha256BlockBytes) return std::string(key);
  const Digest hash = Sha256(key);
  return {hash.begin(), hash.end()};
}

// A way to sign, among those that this machine can take.
struct Path {
  std::string name;
  std::function<void(std::string_view, const Messages&, std::span<Digest>)>
      sign;
};

void ByMember(std::string_view key, const Messages& messages,
              std::span<Digest> tags) {
  HmacSha256Key(key).SignMany(messages, tags);
}

void OneByOne(std::string_view key, const Messages& messages,
              std::span<Digest> tags) {
  internal::SignOneByOne(HmacSha256Key(key), messages, tags);
}

void ByShaInstructions(std::string_view key, const Messages& messages,
                       std::span<Digest> tags) {
  const internal::Sha256Path& path = *internal::ShaInstructionsPath();
  const std::string block = AtMostABlock(key);
  internal::SignByLanes(
      path, {PaddedKey(path, block, '\x36'), PaddedKey(path, block, '\x5c')},
      messages, tags);
}

std::vector<Path> Paths() {
  std::vector<Path> paths = {{"Member", ByMember}, {"OneByOne", OneByOne}};
  if (internal::ShaInstructionsPath() != nullptr) {
    paths.push_back({"ShaInstructions", ByShaInstructions});
  }
  return paths;
}

class SignManyTest : public ::testing::TestWithParam<Path> {
 protected:
  std::vector<Digest> Sign(const Messages& messages,
                           std::string_view key = kKey) const {
    std::vector<Digest> tags(messages.size());
    GetParam().sign(key, messages, tags);
    return tags;
  }

  void ExpectTagsOfSign(const Messages& messages) const {
    const HmacSha256Key key(kKey);
    const std::vector<Digest> tags = Sign(messages);
    for (std::size_t i = 0; i < messages.size(); ++i) {
      ASSERT_EQ(ToHex(tags[i]), ToHex(key.Sign(messages[i])))
          << "message " << i << " of " << messages.size() << ", "
          << messages[i].size() << " bytes";
    }
  }
};

INSTANTIATE_TEST_SUITE_P(Paths, SignManyTest, ::testing::ValuesIn(Paths()),
                         [](const auto& test) { return test.param.name; });

std::string RandomText(std::size_t size, std::mt19937& random) {
  std::string bytes(size, '\0');
  for (char& byte : bytes) byte = static_cast<char>(random());
  return bytes;
}

TEST_P(SignManyTest, TagsAreThoseOfRfc4231) {
  for (const Rfc4231Case& test : Rfc4231Cases()) {
    for (std::size_t count = 1; count <= 5; ++count) {
      for (const Digest& tag : Sign(Messages(count, test.message), test.key)) {
        EXPECT_THAT(ToHex(tag), StartsWith(std::string(test.tag_prefix)))
            << "case " << test.number << ", " << count << " times";
      }
    }
  }
}

TEST_P(SignManyTest, TakesEveryLengthOfAFewBlocks) {
  std::mt19937 random(1);
  const std::string text = RandomText(300, random);
  const std::string_view bytes = text;
  Messages messages;
  for (std::size_t size = 0; size <= bytes.size(); ++size) {
    messages.push_back(bytes.substr(bytes.size() - size));
    ExpectTagsOfSign({messages.back()});
  }
  ExpectTagsOfSign(messages);
}

TEST_P(SignManyTest, TakesLengthsAroundEveryBlockBorder) {
  constexpr std::size_t kBytesMax = std::size_t{64} << 10;
  std::mt19937 random(2);
  const std::string text = RandomText(kBytesMax + 56, random);
  const std::string_view bytes = text;
  Messages messages;
  // Borders of the data, and of what leaves no room for the length.
  for (std::size_t border = 64; border <= kBytesMax; border *= 2) {
    for (const std::size_t size : {border - 9, border - 8, border - 1, border,
                                   border + 1, border + 55, border + 56}) {
      messages.push_back(bytes.substr(0, size));
    }
  }
  ExpectTagsOfSign(messages);
}

TEST_P(SignManyTest, TakesBatchesOfEverySizeAndMixedLengths) {
  constexpr std::size_t kBatchMax = 70;
  constexpr std::size_t kBytesMax = 1000;
  std::mt19937 random(3);
  for (std::size_t count = 0; count <= kBatchMax; ++count) {
    std::vector<std::string> texts;
    for (std::size_t i = 0; i < count; ++i) {
      texts.push_back(RandomText(random() % kBytesMax, random));
    }
    ExpectTagsOfSign(Messages(texts.begin(), texts.end()));
  }
}

TEST_P(SignManyTest, LongMessageAtAnyPlaceLeavesTheOthersTheirTags) {
  std::mt19937 random(4);
  const std::string long_text = RandomText(10'000, random);
  const std::string short_text = RandomText(100, random);
  for (std::size_t place = 0; place < 12; ++place) {
    Messages messages(12, short_text);
    messages[place] = long_text;
    ExpectTagsOfSign(messages);
  }
}

TEST_P(SignManyTest, TakesEmptyViewsAndTheSameMessageTwice) {
  const std::string text(200, 'x');
  ExpectTagsOfSign({{}, text, {}, text, "", text, std::string_view(), {}, {}});
}

TEST_P(SignManyTest, WritesNoTagForNoMessage) { EXPECT_TRUE(Sign({}).empty()); }

TEST(SignManyDeathTest, AnotherCountOfTagsEndsTheProcess) {
  ::testing::FLAGS_gtest_death_test_style = "threadsafe";
  const HmacSha256Key key(kKey);
  const Messages messages(2);
  std::vector<Digest> tags(1);
  EXPECT_DEATH(key.SignMany(messages, tags), "");
}

// The tags and the digest that SignAndHash gives are those that Sign and Sha256
// give one by one.
void ExpectSideBySide(std::size_t key_count, std::string_view prefix,
                      std::string_view message) {
  std::vector<HmacSha256Key> keys;
  for (std::size_t i = 0; i < key_count; ++i) {
    keys.emplace_back(std::string(kKey) + std::to_string(i));
  }
  std::vector<const HmacSha256Key*> views;
  views.reserve(key_count);
  for (const HmacSha256Key& key : keys) views.push_back(&key);
  std::vector<Digest> tags(key_count);
  const Digest digest =
      HmacSha256Key::SignAndHash(views, prefix, message, tags);
  ASSERT_EQ(ToHex(digest), ToHex(Sha256(prefix, message)))
      << prefix.size() << " and " << message.size() << " bytes, " << key_count
      << " keys";
  for (std::size_t i = 0; i < key_count; ++i) {
    ASSERT_EQ(ToHex(tags[i]), ToHex(keys[i].Sign(message))) << "key " << i;
  }
}

TEST(SignAndHashTest, GivesWhatEachOfThemGivesForEveryLength) {
  std::mt19937 random(5);
  const std::string text = RandomText(300, random);
  const std::string_view bytes = text;
  // Around a block, of which the lanes want a prefix to be less.
  for (const std::size_t prefix : {0, 1, 5, 8, 31, 55, 56, 62, 63, 64, 65}) {
    for (std::size_t size = 0; size < 230; ++size) {
      ExpectSideBySide(1, bytes.substr(0, prefix), bytes.substr(70, size));
    }
  }
}

TEST(SignAndHashTest, TakesAsManyKeysAsThereMayBe) {
  std::mt19937 random(6);
  for (std::size_t count = 0; count <= HmacSha256Key::kKeysMax; ++count) {
    for (const std::size_t size : {0, 40, 64, 327, 5000}) {
      ExpectSideBySide(count, "tuco", RandomText(size, random));
    }
  }
}

TEST(SignAndHashDeathTest, WrongCountsEndTheProcess) {
  ::testing::FLAGS_gtest_death_test_style = "threadsafe";
  const HmacSha256Key key(kKey);
  const std::vector<const HmacSha256Key*> keys(HmacSha256Key::kKeysMax + 1,
                                               &key);
  std::vector<Digest> tags(keys.size());
  EXPECT_DEATH(HmacSha256Key::SignAndHash(keys, "", "", tags), "");
  EXPECT_DEATH(HmacSha256Key::SignAndHash(std::span(keys).first(1), "", "",
                                          std::span(tags).first(2)),
               "");
}

}  // namespace
}  // namespace tuco

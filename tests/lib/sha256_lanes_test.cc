#include "tuco/internal/sha256_lanes.h"

#include <cstdint>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "tuco/digest.h"

namespace tuco::internal {
namespace {

// FIPS 180-4, 5.3.3.
constexpr Sha256Words kInitialWords = {0x6a09e667, 0xbb67ae85, 0x3c6ef372,
                                       0xa54ff53a, 0x510e527f, 0x9b05688c,
                                       0x1f83d9ab, 0x5be0cd19};

// A message as SHA-256 pads it: to whole blocks, the last eight bytes being its
// length in bits, of which two are enough here.
std::string Padded(std::string message) {
  const std::size_t bits = 8 * message.size();
  message.push_back('\x80');
  message.append(6, '\0');
  while (message.size() % kSha256BlockBytes != kSha256BlockBytes - 2) {
    message.push_back('\0');
  }
  message.push_back(static_cast<char>(bits >> 8));
  message.push_back(static_cast<char>(bits));
  return message;
}

std::string Hex(const Sha256Words& words) {
  std::string bytes;
  for (const std::uint32_t word : words) {
    for (int shift = 24; shift >= 0; shift -= 8) {
      bytes.push_back(static_cast<char>(word >> shift));
    }
  }
  return ToHex(bytes);
}

class ShaInstructionsPathTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (path_ == nullptr) GTEST_SKIP() << "this machine has no such path";
  }

  // The words after the blocks of each text, all in one call.
  std::vector<Sha256Words> Compress(const std::vector<std::string>& texts) {
    std::vector<Sha256Lane> lanes(texts.size());
    std::vector<Sha256Lane*> places(texts.size());
    for (std::size_t i = 0; i < texts.size(); ++i) {
      lanes[i] = {kInitialWords,
                  reinterpret_cast<const unsigned char*>(texts[i].data())};
      places[i] = &lanes[i];
    }
    path_->compress(places, texts[0].size() / kSha256BlockBytes);
    std::vector<Sha256Words> words(texts.size());
    for (std::size_t i = 0; i < texts.size(); ++i) {
      words[i] = lanes[i].words;
      EXPECT_EQ(reinterpret_cast<const char*>(lanes[i].next),
                texts[i].data() + texts[i].size());
    }
    return words;
  }

  const Sha256Path* const path_ = ShaInstructionsPath();
};

TEST_F(ShaInstructionsPathTest, HasLanesWithinTheLimit) {
  EXPECT_GE(path_->width, 2u);
  EXPECT_LE(path_->width, kSha256LanesMax);
}

// FIPS 180-2, appendix B.
TEST_F(ShaInstructionsPathTest, AgreesWithFips180) {
  EXPECT_EQ(Hex(Compress({Padded("abc")})[0]),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(
      Hex(Compress({Padded(
          "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")})[0]),
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

TEST_F(ShaInstructionsPathTest, LanesDoNotMixInAnyNumberOfThem) {
  for (const std::size_t size : {3, 60, 200}) {
    std::vector<std::string> texts;
    std::vector<std::string> expected;
    while (texts.size() < path_->width) {
      const std::string text(size, static_cast<char>('a' + texts.size()));
      expected.push_back(ToHex(Sha256(text)));
      texts.push_back(Padded(text));
      std::vector<std::string> found;
      for (const Sha256Words& words : Compress(texts)) {
        found.push_back(Hex(words));
      }
      EXPECT_EQ(found, expected) << size << " bytes";
    }
  }
}

}  // namespace
}  // namespace tuco::internal

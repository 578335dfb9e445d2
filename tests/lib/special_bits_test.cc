#include "tuco/internal/special_bits.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <random>
#include <string>

namespace tuco::internal {
namespace {

TEST(SpecialBitsTest, PathsAgreeWithTheDefinition) {
  std::mt19937 random(7);
  for (int round = 0; round < 20000; ++round) {
    std::string block(kBlockSize, 'x');
    // Of every second one a few bytes only, so that there are blocks with
    // backslashes and without.
    for (char& c : block) {
      if (round % 2 == 0 || random() % 8 == 0) c = static_cast<char>(random());
    }
    SpecialBits expected = {};
    EscapeBits escapes = {};
    for (std::size_t i = 0; i < block.size(); ++i) {
      const auto byte = static_cast<unsigned char>(block[i]);
      const std::uint64_t bit = std::uint64_t{1} << i;
      if (byte == '"' || byte == '\\' || byte < 0x20) expected.special |= bit;
      if (byte >= 0x80) expected.non_ascii |= bit;
      if (byte == '\\') escapes.backslashes |= bit;
      if (byte == '"') escapes.quotes |= bit;
    }
    expected.has_backslashes = escapes.backslashes != 0;
    for (const SpecialBits bits :
         {SpecialBytes::Find(block.data()), SpecialWords::Find(block.data())}) {
      ASSERT_EQ(bits.special, expected.special);
      ASSERT_EQ(bits.non_ascii, expected.non_ascii);
      ASSERT_EQ(bits.has_backslashes, expected.has_backslashes);
    }
    for (const EscapeBits bits : {SpecialBytes::FindEscapes(block.data()),
                                  SpecialWords::FindEscapes(block.data())}) {
      ASSERT_EQ(bits.backslashes, escapes.backslashes);
      ASSERT_EQ(bits.quotes, escapes.quotes);
    }
  }
}

TEST(EscapingBitsTest, AgreesWithTheDefinition) {
  std::mt19937_64 random(8);
  for (int round = 0; round < 20000; ++round) {
    // Sparse, dense, and long runs.
    std::uint64_t backslashes = random();
    const std::uint64_t others = random();
    if (round % 3 == 1) backslashes &= others;
    if (round % 3 == 2) backslashes |= others;
    std::uint64_t expected = 0;
    for (int i = 0; i < 64; ++i) {
      if ((backslashes >> i & 1) != 0) expected |= std::uint64_t{1} << i++;
    }
    ASSERT_EQ(EscapingBits(backslashes), expected) << backslashes;
  }
}

}  // namespace
}  // namespace tuco::internal

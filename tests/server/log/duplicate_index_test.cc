#include "server/log/duplicate_index.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <random>
#include <vector>

#include "gtest/gtest.h"
#include "tests/server/log/sample_records.h"

namespace tuco::log {
namespace {

TEST(DuplicateIndexTest, FindsWhatWasInserted) {
  DuplicateIndex index;
  for (std::uint64_t n = 1; n <= 10'000; ++n) index.Insert(SampleKey(n), n);
  EXPECT_EQ(index.size(), 10'000u);
  for (std::uint64_t n = 1; n <= 10'000; ++n) {
    EXPECT_EQ(index.Find(SampleKey(n)), n);
  }
  for (std::uint64_t n = 10'001; n <= 20'000; ++n) {
    EXPECT_EQ(index.Find(SampleKey(n)), std::nullopt);
  }
}

TEST(DuplicateIndexTest, KeepsTheLowestSequence) {
  DuplicateIndex index;
  index.Insert(SampleKey(1), 5);
  index.Insert(SampleKey(1), 3);
  index.Insert(SampleKey(1), 4);
  EXPECT_EQ(index.Find(SampleKey(1)), 3u);
  EXPECT_EQ(index.size(), 1u);
}

TEST(DuplicateIndexTest, FindsKeysThatAreNeighboursOrAtTheEnds) {
  for (const std::uint8_t fill : {0x00, 0xff}) {
    DuplicateIndex index;
    Digest key;
    key.fill(fill);
    for (std::uint64_t n = 1; n <= 1000; ++n) {
      key[16] = static_cast<std::uint8_t>(n * 7 >> 8);
      key[17] = static_cast<std::uint8_t>(n * 7);
      EXPECT_EQ(index.Find(key), std::nullopt) << n;
      index.Insert(key, n);
      EXPECT_EQ(index.Find(key), n);
    }
    EXPECT_EQ(index.size(), 1000u);
  }
}

TEST(DuplicateIndexTest, KeepsSequencesOf48Bits) {
  DuplicateIndex index;
  const std::uint64_t last = (std::uint64_t{1} << 48) - 1;
  index.Insert(SampleKey(1), last);
  EXPECT_EQ(index.Find(SampleKey(1)), last);
}

TEST(DuplicateIndexTest, IsBuiltAsByInsertions) {
  DuplicateIndex::Builder builder;
  for (std::uint64_t n = 1; n <= 100'000; ++n) builder.Add(SampleKey(n), n);
  builder.Add(SampleKey(7), 100'001);
  DuplicateIndex::Builder::Built built = builder.Build();
  EXPECT_EQ(built.index.size(), 100'000u);
  EXPECT_EQ(built.alike, std::vector<std::uint64_t>{100'001});
  for (std::uint64_t n = 100'002; n <= 200'000; ++n) {
    EXPECT_EQ(built.index.Find(SampleKey(n)), std::nullopt);
    EXPECT_TRUE(built.index.Insert(SampleKey(n), n));
  }
  for (std::uint64_t n = 1; n <= 200'000; ++n) {
    EXPECT_EQ(built.index.Find(SampleKey(n)),
              n == 100'001 ? std::nullopt : std::optional(n));
  }
  EXPECT_EQ(builder.Build().index.size(), 0u);
}

TEST(DuplicateIndexTest, AgreesWithAMapThroughManyInsertions) {
  DuplicateIndex index;
  std::map<Digest, std::uint64_t> map;
  for (std::uint64_t n = 1; n <= 50'000; ++n) {
    const Digest key = SampleKey(n * n % 30'011);
    index.Insert(key, n);
    map.try_emplace(key, n);
  }
  EXPECT_EQ(index.size(), map.size());
  for (const auto& [key, sequence] : map) {
    ASSERT_EQ(index.Find(key), sequence);
  }
}

// Also with keys that crowd in few homes.
TEST(DuplicateIndexTest, AgreesWithAMapWhileKeysComeAndGo) {
  for (const bool crowded : {false, true}) {
    DuplicateIndex index;
    std::map<Digest, std::uint64_t> map;
    const auto key_of = [crowded](std::uint64_t number) {
      Digest key = SampleKey(number);
      if (crowded) key[0] = key[1] = key[2] = 7;
      return key;
    };
    std::mt19937_64 random(crowded ? 1 : 2);
    for (std::uint64_t n = 1; n <= 60'000; ++n) {
      const Digest key = key_of(random() % 5'000);
      const auto found = map.find(key);
      ASSERT_EQ(index.Find(key).value_or(0),
                found == map.end() ? 0 : found->second);
      if (found == map.end()) {
        EXPECT_TRUE(index.Insert(key, n));
        map.emplace(key, n);
      } else if (random() % 2 == 0) {
        index.Erase(key, found->second + 1);  // Not the one it has.
        index.Erase(key, found->second);
        map.erase(found);
      }
      ASSERT_EQ(index.size(), map.size());
    }
    for (const auto& [key, sequence] : map) {
      ASSERT_EQ(index.Find(key), sequence);
    }
  }
}

TEST(DuplicateIndexTest, FindsAKeyByItsFirst16Bytes) {
  DuplicateIndex index;
  for (std::uint64_t n = 1; n <= 3'000; ++n) index.Insert(SampleKey(n), n);
  for (std::uint64_t n = 1; n <= 6'000; ++n) {
    const Digest key = SampleKey(n);
    std::array<std::uint8_t, 16> prefix;
    std::copy_n(key.begin(), prefix.size(), prefix.begin());
    EXPECT_EQ(index.FindPrefix(prefix).value_or(0), n <= 3'000 ? n : 0);
  }
  EXPECT_EQ(DuplicateIndex().FindPrefix({}), std::nullopt);
}

}  // namespace
}  // namespace tuco::log

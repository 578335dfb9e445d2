#include "server/log/duplicate_index.h"

#include <map>

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

}  // namespace
}  // namespace tuco::log

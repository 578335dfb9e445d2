#include "server/stream/tail.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <vector>

#include "tests/server/stream/records.h"

namespace tuco::stream {
namespace {

constexpr std::size_t kNoLimit = 1 << 30;

log::RecordPtr Record(std::uint64_t sequence,
                      const std::string& type_name = "message.sent") {
  auto record =
      std::make_shared<log::Record>(testing::MakeRecord(sequence, type_name));
  record->sequence = sequence;
  return record;
}

void AddAll(Tail& tail, const std::vector<log::RecordPtr>& records) {
  tail.Add(records);
}

std::vector<std::uint64_t> Sequences(const Tail::Portion& portion) {
  std::vector<std::uint64_t> sequences;
  for (const auto& record : portion.records) {
    sequences.push_back(record->sequence);
  }
  return sequences;
}

using Numbers = std::vector<std::uint64_t>;

TEST(TailTest, CoversItsHeadWithoutAnyRecord) {
  const Tail tail(5, kNoLimit, kNoLimit);
  EXPECT_TRUE(tail.Covers(5));
  EXPECT_FALSE(tail.Covers(4));
}

TEST(TailTest, HandsOutWhatIsBehindAPosition) {
  Tail tail(5, kNoLimit, kNoLimit);
  AddAll(tail, {Record(6), Record(7), Record(8)});
  EXPECT_TRUE(tail.Covers(5));
  const auto portion = tail.Take(6, {}, 10, kNoLimit);
  EXPECT_EQ(Sequences(portion), (Numbers{7, 8}));
  EXPECT_EQ(portion.scanned_through, 8);
}

TEST(TailTest, DropsTheOldestBeyondItsLimits) {
  Tail tail(0, 2, kNoLimit);
  AddAll(tail, {Record(1), Record(2), Record(3)});
  EXPECT_FALSE(tail.Covers(0));
  EXPECT_TRUE(tail.Covers(1));
  Tail small(0, kNoLimit, 1);
  AddAll(small, {Record(1)});
  EXPECT_FALSE(small.Covers(0));
  EXPECT_TRUE(small.Covers(1));
}

TEST(TailTest, StopsAtTheLimitOfEvents) {
  Tail tail(0, kNoLimit, kNoLimit);
  AddAll(tail, {Record(1), Record(2), Record(3)});
  const auto portion = tail.Take(0, {}, 2, kNoLimit);
  EXPECT_EQ(Sequences(portion), (Numbers{1, 2}));
  EXPECT_EQ(portion.scanned_through, 2);
}

TEST(TailTest, TakesOneRecordThatIsLargerThanTheLimitOfBytes) {
  Tail tail(0, kNoLimit, kNoLimit);
  AddAll(tail, {Record(1), Record(2)});
  const auto portion = tail.Take(0, {}, 10, 1);
  EXPECT_EQ(Sequences(portion), (Numbers{1}));
  EXPECT_EQ(portion.scanned_through, 1);
}

TEST(TailTest, ScansPastRecordsThatDoNotMatch) {
  Tail tail(0, kNoLimit, kNoLimit);
  AddAll(tail, {Record(1, "message.reply"), Record(2), Record(3)});
  log::Filter filter;
  filter.type_names = {"message.reply"};
  const auto portion = tail.Take(0, filter, 10, kNoLimit);
  EXPECT_EQ(Sequences(portion), (Numbers{1}));
  EXPECT_EQ(portion.scanned_through, 3);
}

TEST(TailTest, KeepsThePlaceOfAReaderThatIsAheadOfIt) {
  const Tail tail(5, kNoLimit, kNoLimit);
  const auto portion = tail.Take(9, {}, 10, kNoLimit);
  EXPECT_TRUE(portion.records.empty());
  EXPECT_EQ(portion.scanned_through, 9);
}

}  // namespace
}  // namespace tuco::stream

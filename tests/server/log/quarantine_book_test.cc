#include "server/log/quarantine_book.h"

#include <cstdint>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace tuco::log {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

QuarantineEntry Unverified(std::uint64_t id, const std::string& source,
                           std::uint64_t body_bytes = 100) {
  QuarantineEntry entry;
  entry.id = id;
  entry.source = source;
  entry.body_bytes = body_bytes;
  return entry;
}

std::vector<std::uint64_t> Evicted(QuarantineBook& book) {
  std::vector<std::uint64_t> ids;
  book.Evict(ids);
  return ids;
}

TEST(QuarantineBookTest, EvictsNothingWithinItsLimits) {
  QuarantineBook book({.unverified_max = 3});
  for (std::uint64_t id = 1; id <= 3; ++id) book.Add(Unverified(id, "a"));
  EXPECT_THAT(Evicted(book), IsEmpty());
  EXPECT_EQ(book.counts().unverified, 3u);
  EXPECT_GE(book.counts().unverified_bytes, 300u);
}

TEST(QuarantineBookTest, OldestEntryOfTheSourceThatHoldsTheMostGoesFirst) {
  QuarantineBook book({.unverified_max = 5});
  book.Add(Unverified(1, "quiet"));
  for (std::uint64_t id = 2; id <= 5; ++id) book.Add(Unverified(id, "loud"));
  book.Add(Unverified(6, "other"));
  book.Add(Unverified(7, "other"));
  EXPECT_THAT(Evicted(book), ElementsAre(2, 3));
  EXPECT_EQ(book.counts().unverified, 5u);
}

TEST(QuarantineBookTest, LargeEntriesCountForMore) {
  QuarantineBook book({.unverified_max = 100, .unverified_bytes_max = 10'000});
  for (std::uint64_t id = 1; id <= 10; ++id) book.Add(Unverified(id, "many"));
  book.Add(Unverified(11, "large", 5'000));
  book.Add(Unverified(12, "large", 4'000));
  EXPECT_THAT(Evicted(book), ElementsAre(11));
  EXPECT_LE(book.counts().unverified_bytes, 10'000u);
}

TEST(QuarantineBookTest, EntryThatIsTooLargeByItselfGoes) {
  QuarantineBook book({.unverified_bytes_max = 1'000});
  book.Add(Unverified(1, "a", 2'000));
  EXPECT_THAT(Evicted(book), ElementsAre(1));
  EXPECT_EQ(book.counts().unverified_bytes, 0u);
}

TEST(QuarantineBookTest, VerifiedEntriesNeverGo) {
  QuarantineBook book({.verified_max = 1, .unverified_max = 0});
  for (std::uint64_t id = 1; id <= 3; ++id) {
    QuarantineEntry entry = Unverified(id, "a");
    entry.verified = true;
    book.Add(entry);
  }
  book.Add(Unverified(4, "a"));
  EXPECT_THAT(Evicted(book), ElementsAre(4));
  EXPECT_EQ(book.counts().verified, 3u);
  EXPECT_GE(book.counts().verified_bytes, 300u);
  book.Apply({.id = 1, .state = QuarantineState::kReleased});
  book.Remove(2);
  book.Remove(3);
  EXPECT_EQ(book.counts().verified, 0u);
  EXPECT_EQ(book.counts().verified_bytes, 0u);
}

TEST(QuarantineBookTest, SettledEntriesCountByThemselves) {
  QuarantineBook book({.unverified_max = 2, .settled_max = 1});
  for (std::uint64_t id = 1; id <= 4; ++id) book.Add(Unverified(id, "a"));
  book.Apply({.id = 3, .state = QuarantineState::kReleased});
  book.Apply({.id = 1, .state = QuarantineState::kHeld, .held_back = true});
  book.Apply({.id = 77, .state = QuarantineState::kReleased});
  EXPECT_EQ(book.counts().settled, 1u);
  EXPECT_EQ(book.counts().unverified, 3u);
  EXPECT_THAT(Evicted(book), ElementsAre(1));
  EXPECT_EQ(book.counts().settled, 1u);
}

TEST(QuarantineBookTest, SettledEntriesMakeRoomForThoseThatFollow) {
  QuarantineBook book({.settled_max = 2});
  for (std::uint64_t id = 1; id <= 6; ++id) book.Add(Unverified(id, "a"));
  const auto room_for = [&](const std::vector<std::uint64_t>& ids) {
    std::vector<QuarantineUpdate> updates;
    updates.reserve(ids.size());
    for (const std::uint64_t id : ids) {
      updates.push_back({.id = id, .state = QuarantineState::kPurged});
    }
    std::vector<std::uint64_t> evicted;
    book.MakeRoom(updates, evicted);
    return evicted;
  };
  EXPECT_THAT(room_for({2, 5}), ElementsAre());
  EXPECT_THAT(room_for({5, 2, 4, 2, 77}), ElementsAre(2));
  book.Apply({.id = 4, .state = QuarantineState::kReleased});
  book.Apply({.id = 5, .state = QuarantineState::kReleased});
  EXPECT_THAT(room_for({}), ElementsAre());
  EXPECT_THAT(room_for({4, 5}), ElementsAre());
  EXPECT_THAT(room_for({6}), ElementsAre(4));
  EXPECT_THAT(room_for({1}), ElementsAre(1));
  EXPECT_THAT(room_for({6, 1, 2, 3}), ElementsAre(1, 2, 3, 4));
}

TEST(QuarantineBookTest, SettledEntriesGoWhereTheLimitIsLessThanItWas) {
  QuarantineBook book({.settled_max = 1});
  for (std::uint64_t id = 1; id <= 3; ++id) {
    QuarantineEntry entry = Unverified(id, "a");
    entry.state = QuarantineState::kPurged;
    book.Add(entry);
  }
  std::vector<std::uint64_t> evicted;
  book.MakeRoom({}, evicted);
  EXPECT_THAT(evicted, ElementsAre(1, 2));
}

TEST(QuarantineBookTest, EmptyOnceAllIsRemoved) {
  QuarantineBook book({});
  for (std::uint64_t id = 1; id <= 9; ++id) {
    book.Add(Unverified(id, std::to_string(id % 3)));
  }
  for (std::uint64_t id = 1; id <= 9; ++id) book.Remove(id);
  EXPECT_EQ(book.counts().unverified, 0u);
  EXPECT_EQ(book.counts().unverified_bytes, 0u);
}

}  // namespace
}  // namespace tuco::log

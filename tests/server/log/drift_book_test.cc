#include "server/log/drift_book.h"

#include <array>
#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/server/base/fake_clock.h"
#include "tests/server/log/sample_records.h"

namespace tuco::log {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

Drift Field(const std::string& name) {
  return {.kind = DriftKind::kUnknownField, .name = name};
}

DriftName NameOf(const std::string& name, Timestamp first_seen) {
  return {
      .kind = DriftKind::kUnknownField, .name = name, .first_seen = first_seen};
}

class DriftBookTest : public ::testing::Test {
 protected:
  // The names that are new in records with that drift, one second apart.
  std::vector<DriftName> Take(std::vector<std::vector<Drift>> drift) {
    std::vector<Record> records(drift.size());
    std::vector<Record*> pointers;
    pointers.reserve(records.size());
    for (std::size_t i = 0; i < records.size(); ++i) {
      records[i].received_at = At(i);
      records[i].drift = std::move(drift[i]);
      pointers.push_back(&records[i]);
    }
    const auto names = book_.Take(pointers);
    for (const Record& record : records) EXPECT_THAT(record.drift, IsEmpty());
    return {names.begin(), names.end()};
  }
  // Likewise, and commits them.
  std::vector<DriftName> Commit(std::vector<std::vector<Drift>> drift) {
    std::vector<DriftName> names = Take(std::move(drift));
    book_.Announce();
    book_.Remember();
    return names;
  }
  static Timestamp At(std::size_t second) {
    return Timestamp(std::chrono::seconds(1'000 + second));
  }

  DriftBook book_;
};

TEST_F(DriftBookTest, TakesEachNameOnceWithTheTimeOfItsFirstRecord) {
  EXPECT_THAT(Commit({{}, {Field("a")}, {Field("a"), Field("b")}}),
              ElementsAre(NameOf("a", At(1)), NameOf("b", At(2))));
  EXPECT_THAT(Commit({{Field("b")}}), IsEmpty());
  EXPECT_THAT(book_.names(),
              ElementsAre(NameOf("a", At(1)), NameOf("b", At(2))));
  EXPECT_EQ(book_.counts().events, 3u);
}

TEST_F(DriftBookTest, NameIsNewUntilItIsDurable) {
  EXPECT_THAT(Take({{Field("a")}}), SizeIs(1));
  EXPECT_THAT(book_.names(), IsEmpty());
  EXPECT_EQ(book_.counts().events, 0u);
  EXPECT_THAT(Commit({{}, {Field("a")}}), ElementsAre(NameOf("a", At(1))));
}

TEST_F(DriftBookTest, SameNameOfAnotherKindIsAnotherName) {
  const Drift event{.kind = DriftKind::kUnknownEvent, .name = "a"};
  const Drift number{DriftKind::kWrongType, "a", ValueKind::kText,
                     ValueKind::kNumber};
  const Drift array{DriftKind::kWrongType, "a", ValueKind::kText,
                    ValueKind::kArray};
  EXPECT_THAT(Commit({{event, Field("a"), number, array}}), SizeIs(3));
  EXPECT_THAT(book_.counts().names, ElementsAre(0, 1, 1, 1, 0));
}

TEST_F(DriftBookTest, RemembersNoMoreThanItMay) {
  std::vector<std::vector<Drift>> drift;
  drift.reserve(kDriftNamesMax + 1);
  for (std::size_t i = 0; i <= kDriftNamesMax; ++i) {
    drift.push_back({Field("f" + std::to_string(i))});
  }
  EXPECT_THAT(Commit(std::move(drift)), SizeIs(kDriftNamesMax));
  EXPECT_THAT(Commit({{Field("one.more")}}), IsEmpty());
  EXPECT_THAT(book_.names(), SizeIs(kDriftNamesMax));
  EXPECT_EQ(book_.counts().events, kDriftNamesMax + 2);
}

TEST_F(DriftBookTest, KnowsWhatTheLogHas) {
  const base::FakeClock clock;
  const auto log = MakeMemoryLog(clock);
  const std::array<DriftName, 1> names = {NameOf("a", At(7))};
  ASSERT_TRUE(log->Commit({.drift = names}).ok());
  ASSERT_TRUE(book_.Load(*log).ok());
  EXPECT_THAT(Take({{Field("a")}}), IsEmpty());
  EXPECT_THAT(book_.names(), ElementsAre(names[0]));
}

}  // namespace
}  // namespace tuco::log

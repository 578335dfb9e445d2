#include "server/log/upkeep.h"

#include <chrono>
#include <memory>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/log/event_log.h"
#include "tests/server/base/fake_clock.h"
#include "tests/server/log/sample_records.h"

namespace tuco::log {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class UpkeepTest : public ::testing::Test {
 protected:
  // Appends one record that arrives now.
  void Append(std::uint64_t number) {
    std::vector<Record> records = {SampleRecord(number)};
    records[0].received_at = clock_.Now();
    records[0].occurred_at = clock_.Now() - seconds(1);
    ASSERT_TRUE(log::Append(*log_, records).ok());
  }

  // Lets time pass and the upkeep look after it, every hour.
  std::vector<std::uint64_t> Pass(Upkeep& upkeep, hours time) {
    std::vector<std::uint64_t> forgotten;
    for (hours passed(0); passed < time; passed += hours(1)) {
      clock_.Advance(hours(1));
      for (int step = 0; step < 10; ++step) {
        for (const auto& [key, sequence] : upkeep.Step()) {
          forgotten.push_back(sequence);
        }
      }
    }
    return forgotten;
  }

  base::FakeClock clock_;
  std::unique_ptr<EventLog> log_ = MakeMemoryLog(clock_);
};

TEST_F(UpkeepTest, ForgetsWhatIsOlderThanTheWindow) {
  Upkeep upkeep(*log_, clock_, nullptr,
                {.duplicate_window = days(30), .rows_max = 2});
  for (std::uint64_t n = 1; n <= 5; ++n) Append(n);
  EXPECT_THAT(Pass(upkeep, days(10)), IsEmpty());
  for (std::uint64_t n = 6; n <= 8; ++n) Append(n);
  EXPECT_THAT(Pass(upkeep, days(20)), IsEmpty());
  EXPECT_THAT(Pass(upkeep, hours(3)), ElementsAre(1, 2, 3, 4, 5));
  EXPECT_EQ(log_->dedup_horizon(), base::FakeClock::kStart - seconds(1));
  EXPECT_EQ(upkeep.statistics().forgotten_keys, 5u);
}

TEST_F(UpkeepTest, RemovesWhatIsOlderThanItIsKept) {
  Upkeep upkeep(*log_, clock_, nullptr, {.age_max = days(7), .rows_max = 2});
  for (std::uint64_t n = 1; n <= 5; ++n) Append(n);
  Pass(upkeep, days(3));
  for (std::uint64_t n = 6; n <= 8; ++n) Append(n);
  Pass(upkeep, days(4));
  EXPECT_EQ(log_->bounds().first, 1u);
  Pass(upkeep, hours(3));
  EXPECT_EQ(log_->bounds().first, 6u);
  EXPECT_EQ(upkeep.statistics().removed_records, 5u);
}

TEST_F(UpkeepTest, KeepsEverythingByDefault) {
  Upkeep upkeep(*log_, clock_, nullptr, {});
  for (std::uint64_t n = 1; n <= 5; ++n) Append(n);
  Pass(upkeep, days(1'000));
  EXPECT_EQ(log_->bounds().first, 1u);
}

TEST_F(UpkeepTest, DoesNothingForGoodWhileTheClockIsInDoubt) {
  Upkeep upkeep(*log_, clock_, nullptr,
                {.duplicate_window = days(30), .age_max = days(30)});
  for (std::uint64_t n = 1; n <= 5; ++n) Append(n);
  Pass(upkeep, hours(2));
  clock_.Set(clock_.Now() + days(12 * 365));  // To 2038.
  EXPECT_THAT(Pass(upkeep, hours(23)), IsEmpty());
  EXPECT_TRUE(upkeep.statistics().paused);
  EXPECT_EQ(upkeep.statistics().clock_steps, 1u);
  // Somebody has looked, and set it right.
  clock_.Set(clock_.Now() - days(12 * 365));
  EXPECT_THAT(Pass(upkeep, days(10)), IsEmpty());
  EXPECT_FALSE(upkeep.statistics().paused);
  EXPECT_EQ(log_->bounds().first, 1u);
  EXPECT_THAT(Pass(upkeep, days(20)), SizeIs(4));
}

TEST_F(UpkeepTest, AClockThatFellBackForgetsNothing) {
  Upkeep upkeep(*log_, clock_, nullptr,
                {.duplicate_window = days(30), .age_max = days(30)});
  for (std::uint64_t n = 1; n <= 5; ++n) Append(n);
  clock_.Set(Timestamp());  // 1970.
  EXPECT_THAT(Pass(upkeep, days(100)), IsEmpty());
  EXPECT_EQ(log_->bounds().first, 1u);
}

}  // namespace
}  // namespace tuco::log

#include "server/base/clock_watch.h"

#include <chrono>

#include "gtest/gtest.h"
#include "tests/server/base/fake_clock.h"

namespace tuco::base {
namespace {

using std::chrono::hours;
using std::chrono::microseconds;
using std::chrono::minutes;
using std::chrono::seconds;

class ClockWatchTest : public ::testing::Test {
 protected:
  void Settle() {
    clock_.Advance(ClockWatch::kSettling);
    EXPECT_EQ(watch_.Look(), microseconds::zero());
    EXPECT_TRUE(watch_.trusted());
  }

  FakeClock clock_;
  ClockWatch watch_{clock_};
};

TEST_F(ClockWatchTest, TrustsTheClockOnlyOnceTheMachineHasSettled) {
  EXPECT_FALSE(watch_.trusted());
  clock_.Advance(ClockWatch::kSettling - seconds(1));
  watch_.Look();
  EXPECT_FALSE(watch_.trusted());
  clock_.Advance(seconds(1));
  watch_.Look();
  EXPECT_TRUE(watch_.trusted());
}

TEST_F(ClockWatchTest, TimeThatPassesIsNoStep) {
  Settle();
  for (const auto span : {hours(1), hours(48), hours(24 * 365)}) {
    clock_.Advance(span);
    EXPECT_EQ(watch_.Look(), microseconds::zero());
  }
  EXPECT_EQ(watch_.steps(), 0u);
  EXPECT_TRUE(watch_.trusted());
}

TEST_F(ClockWatchTest, SmallCorrectionsAreNoSteps) {
  Settle();
  for (const auto by : {minutes(1), minutes(-5), minutes(60), minutes(-60)}) {
    clock_.Set(clock_.Now() + by);
    EXPECT_EQ(watch_.Look(), microseconds::zero());
  }
  EXPECT_TRUE(watch_.trusted());
}

TEST_F(ClockWatchTest, StepInEitherDirectionLeavesDoubtForADay) {
  Settle();
  std::uint64_t steps = 0;
  for (const auto by : {minutes(61), minutes(-61), minutes(60 * 24 * 4'000)}) {
    clock_.Set(clock_.Now() + by);
    EXPECT_EQ(watch_.Look(), microseconds(by));
    EXPECT_EQ(watch_.steps(), ++steps);
    EXPECT_FALSE(watch_.trusted());
    clock_.Advance(ClockWatch::kDoubt - seconds(1));
    EXPECT_EQ(watch_.Look(), microseconds::zero());
    EXPECT_FALSE(watch_.trusted());
    clock_.Advance(seconds(1));
    watch_.Look();
    EXPECT_TRUE(watch_.trusted());
  }
}

}  // namespace
}  // namespace tuco::base

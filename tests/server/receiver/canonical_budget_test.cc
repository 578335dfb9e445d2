#include "server/receiver/canonical_budget.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

namespace tuco::receiver {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::size_t kMiB = 1024UL * 1024;
constexpr Timestamp kNow{seconds(1'776'254'400)};

TEST(CanonicalBudgetTest, GivesASourceItsRateAndNotAByteMore) {
  CanonicalBudget budget;
  EXPECT_TRUE(budget.Take("a", 4 * kMiB, kNow));
  EXPECT_FALSE(budget.Take("a", 1, kNow));
}

TEST(CanonicalBudgetTest, ARefusalTakesNothing) {
  CanonicalBudget budget;
  EXPECT_FALSE(budget.Take("a", 4 * kMiB + 1, kNow));
  EXPECT_TRUE(budget.Take("a", 4 * kMiB, kNow));
}

TEST(CanonicalBudgetTest, OneSourceLeavesTheOthersTheirs) {
  CanonicalBudget budget;
  EXPECT_TRUE(budget.Take("a", 4 * kMiB, kNow));
  EXPECT_TRUE(budget.Take("b", 4 * kMiB, kNow));
}

TEST(CanonicalBudgetTest, AllSourcesTogetherHaveOneRate) {
  CanonicalBudget budget;
  std::size_t taken = 0;
  for (int i = 0; i < 100; ++i) {
    if (budget.Take("source " + std::to_string(i), kMiB, kNow)) ++taken;
  }
  EXPECT_EQ(taken, 16);
}

TEST(CanonicalBudgetTest, FillsUpWithTime) {
  CanonicalBudget budget;
  EXPECT_TRUE(budget.Take("a", 4 * kMiB, kNow));
  EXPECT_FALSE(budget.Take("a", 2 * kMiB, kNow + milliseconds(499)));
  EXPECT_TRUE(budget.Take("a", 2 * kMiB, kNow + milliseconds(501)));
  EXPECT_FALSE(budget.Take("a", 4 * kMiB + 1, kNow + seconds(3600)));
}

TEST(CanonicalBudgetTest, AClockThatIsSetBackGivesNothing) {
  CanonicalBudget budget;
  EXPECT_TRUE(budget.Take("a", 4 * kMiB, kNow));
  EXPECT_FALSE(budget.Take("a", 1, kNow - seconds(3600)));
  EXPECT_TRUE(budget.Take("a", 1, kNow - seconds(3600) + milliseconds(1)));
}

}  // namespace
}  // namespace tuco::receiver

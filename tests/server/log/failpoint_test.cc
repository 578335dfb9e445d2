// Everything ends at a named point in the life of a batch (failpoint.h), and
// what was told until then holds.
//
// TUCO_CRASH_POINTS says how often at each point (`make crash`: 100), and
// TUCO_CRASH_SEED with which seed it begins.

#include "tests/server/log/failpoint.h"

#include <cstdint>
#include <iostream>
#include <string>

#include "gtest/gtest.h"
#include "tests/server/log/log_campaign.h"

namespace tuco::log {
namespace {

class FailpointTest : public ::testing::TestWithParam<Failpoint> {};

TEST_P(FailpointTest, EverythingToldUntilThenHolds) {
  const std::uint64_t crashes = CampaignNumber("TUCO_CRASH_POINTS", 2);
  int power_losses = 0;
  int there = 0;
  for (std::uint64_t i = 0; i < crashes; ++i) {
    const std::uint64_t seed = CampaignSeed() + i;
    const CrashResult result = CrashAt(GetParam(), seed);
    ASSERT_TRUE(result.reached) << "seed " << seed;
    ASSERT_EQ(result.wrong, "") << "seed " << seed;
    power_losses += result.power_loss ? 1 : 0;
    there += result.batch_there ? 1 : 0;
  }
  std::cout << NameOf(GetParam()) << ", from seed " << CampaignSeed() << ": "
            << crashes << " crashes, " << power_losses
            << " of them power cuts; what was on its way was there " << there
            << " times\n";
}

INSTANTIATE_TEST_SUITE_P(
    Each, FailpointTest,
    ::testing::Values(Failpoint::kBeforeWrite, Failpoint::kAfterWrite,
                      Failpoint::kBeforeSync, Failpoint::kAfterSync,
                      Failpoint::kBeforePublish, Failpoint::kAfterPublish,
                      Failpoint::kBeforeAnswer, Failpoint::kAfterAnswer),
    [](const auto& test) { return std::string(NameOf(test.param)); });

// Proves that the test above can fail.
TEST(FailpointMutationTest, FailsWhereNothingIsSynced) {
  for (const Failpoint point :
       {Failpoint::kAfterSync, Failpoint::kBeforePublish,
        Failpoint::kAfterPublish, Failpoint::kAfterAnswer}) {
    int found = 0;
    int power_losses = 0;
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
      const CrashResult result = CrashAt(point, seed, /*lie=*/true);
      power_losses += result.power_loss ? 1 : 0;
      found += result.wrong.empty() ? 0 : 1;
    }
    // A disk may have written everything without being asked to.
    EXPECT_GE(2 * found, power_losses) << NameOf(point);
    EXPECT_GT(found, 0) << NameOf(point);
  }
}

}  // namespace
}  // namespace tuco::log

// A SharedQueue does what a simple model of it does, whatever happens to both
// (shared_history.h).
//
// TUCO_MODEL_OPERATIONS says how much is done (`make crash`: 1,000,000),
// TUCO_CRASH_SEED with which history it begins: of one that failed, the seed is
// told.

#include <cstdint>
#include <iostream>
#include <map>
#include <string>

#include "gtest/gtest.h"
#include "tests/server/log/log_campaign.h"
#include "tests/server/stream/shared_history.h"

namespace tuco::stream {
namespace {

constexpr std::uint64_t kOperationsOfAHistory = 400;

TEST(SharedModelTest, AQueueDoesWhatTheModelDoes) {
  const std::uint64_t operations =
      log::CampaignNumber("TUCO_MODEL_OPERATIONS", 100'000);
  std::map<std::string, std::uint64_t> counts;
  std::uint64_t seed = log::CampaignSeed();
  for (std::uint64_t done = 0; done < operations;
       done += kOperationsOfAHistory, ++seed) {
    SharedHistory history(seed);
    ASSERT_EQ(history.Run(kOperationsOfAHistory), "")
        << "TUCO_CRASH_SEED=" << seed << " TUCO_MODEL_OPERATIONS=1";
    for (const auto& [what, count] : history.counts()) counts[what] += count;
  }
  std::cout << "from seed " << log::CampaignSeed() << ", " << operations
            << " operations:\n";
  for (const auto& [what, count] : counts) {
    std::cout << "  " << count << " " << what << "\n";
  }
}

// Proves that a history can fail.
TEST(SharedModelTest, FailsSoonWhenAcksAreLost) {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    SharedHistory history(seed);
    history.LoseAcks();
    EXPECT_NE(history.Run(10 * kOperationsOfAHistory), "") << "seed " << seed;
  }
}

}  // namespace
}  // namespace tuco::stream

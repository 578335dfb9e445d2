// A log does what a simple model of it does, whatever is done to both
// (model_history.h), and whatever happens to its disk.
//
// TUCO_MODEL_OPERATIONS says how much is done to each backend (`make crash`:
// 1,000,000), TUCO_CRASH_SEED with which history it begins: of one that failed,
// the seed is told.

#include <cstdint>
#include <iostream>
#include <map>
#include <string>

#include "gtest/gtest.h"
#include "tests/server/log/log_campaign.h"
#include "tests/server/log/model_history.h"

namespace tuco::log {
namespace {

using Backend = ModelHistory::Backend;

constexpr std::uint64_t kOperationsOfAHistory = 400;

void CompareWithModel(Backend backend) {
  const std::uint64_t operations =
      CampaignNumber("TUCO_MODEL_OPERATIONS", 20'000);
  std::map<std::string, std::uint64_t> counts;
  std::uint64_t seed = CampaignSeed();
  for (std::uint64_t done = 0; done < operations;
       done += kOperationsOfAHistory, ++seed) {
    ModelHistory history(backend, seed);
    ASSERT_EQ(history.Run(kOperationsOfAHistory), "")
        << "TUCO_CRASH_SEED=" << seed << " TUCO_MODEL_OPERATIONS=1";
    for (const auto& [what, count] : history.counts()) counts[what] += count;
  }
  std::cout << "from seed " << CampaignSeed() << ", " << operations
            << " operations:\n";
  for (const auto& [what, count] : counts) {
    std::cout << "  " << count << " " << what << "\n";
  }
}

TEST(ModelTest, SqliteLogDoesWhatTheModelDoes) {
  CompareWithModel(Backend::kSqlite);
}

TEST(ModelTest, MemoryLogDoesWhatTheModelDoes) {
  CompareWithModel(Backend::kMemory);
}

TEST(ModelTest, SameSeedHasTheSameHistory) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    ModelHistory once(Backend::kSqlite, seed);
    ModelHistory again(Backend::kSqlite, seed);
    EXPECT_EQ(once.Run(kOperationsOfAHistory), "");
    EXPECT_EQ(again.Run(kOperationsOfAHistory), "");
    EXPECT_EQ(once.counts(), again.counts());
    EXPECT_EQ(once.disk().operations(), again.disk().operations());
  }
}

// Proves that a history can fail.
TEST(ModelTest, FailsSoonWhenNothingIsSynced) {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    ModelHistory history(Backend::kSqlite, seed);
    history.disk().SetLieAboutSync(/*files=*/true, /*folders=*/false);
    EXPECT_NE(history.Run(10 * kOperationsOfAHistory), "") << "seed " << seed;
  }
}

}  // namespace
}  // namespace tuco::log

// Nothing that was spooled is lost, doubled or changed when the power fails or
// the process dies, at any call to the disk, also while it is merged.
//
// `make crash` tries it more often. TUCO_CRASH_SEED=S TUCO_CRASH_CYCLES=20
// repeats what became of the disk of seed S.

#include <cstdint>
#include <iostream>
#include <string>

#include "gtest/gtest.h"
#include "tests/server/log/crash_cycles.h"
#include "tests/server/log/log_campaign.h"
#include "tests/server/log/spool_campaign.h"

namespace tuco::log {
namespace {

using Crash = base::MemoryDisk::Crash;

// Appends or merges so many batches, and now and then opens the spool anew.
absl::Status Use(SpoolCampaign& campaign, std::uint64_t batches) {
  base::DiskChance& chance = campaign.chance();
  absl::Status status;
  if (campaign.spool() == nullptr) status = campaign.Open();
  // Now it fills, now it empties.
  const std::uint64_t appends = 1 + chance.Below(4);
  for (; status.ok() && batches > 0; --batches) {
    status = chance.Below(5) < appends ? campaign.AppendBatch()
                                       : campaign.MergeBatch();
    if (status.ok() && chance.OneIn(20)) {
      campaign.Close();
      status = campaign.Open();
    }
  }
  return status;
}

// Appends and merges until the crash that may come at any call, at the latest
// after some batches.
std::string UseUntilCrash(SpoolCampaign& campaign) {
  base::MemoryDisk& disk = campaign.disk();
  base::DiskChance& chance = campaign.chance();
  constexpr std::uint64_t kReach[] = {6, 15, 60, 200};
  absl::Status status;
  // Opening takes most of the calls, appending few.
  if (chance.OneIn(2)) status = Use(campaign, chance.Below(30));
  disk.CrashAfter(1 + chance.Below(kReach[chance.Below(4)]),
                  chance.OneIn(4) ? Crash::kProcessDeath : Crash::kPowerLoss);
  if (status.ok()) status = Use(campaign, chance.Below(30));
  if (!status.ok() && !disk.crashed()) return status.ToString();
  if (!disk.crashed()) disk.CrashAfter(0, Crash::kPowerLoss);
  campaign.Close();
  disk.Restart();
  return "";
}

std::string OpenAndCheck(SpoolCampaign& campaign) {
  const absl::Status opened = campaign.Open();
  if (!opened.ok()) return "cannot open: " + opened.ToString();
  return campaign.Check(/*reopened=*/true);
}

std::string RunCycle(SpoolCampaign& campaign) {
  std::string wrong = UseUntilCrash(campaign);
  if (!wrong.empty()) return "before the crash: " + wrong;
  wrong = OpenAndCheck(campaign);
  // What is done when it is opened must last, too.
  if (wrong.empty() && campaign.chance().OneIn(2)) {
    campaign.disk().CrashAfter(0, Crash::kPowerLoss);
    campaign.Close();
    campaign.disk().Restart();
    wrong = OpenAndCheck(campaign);
  }
  campaign.Close();
  return wrong;
}

TEST(SpoolPowerLossTest, NothingAcknowledgedIsLostDoubledOrChanged) {
  const CycleResult result =
      RunCycles(CampaignSeed(), CampaignCycles(2'000), {}, RunCycle);
  std::cout << result.cycles << " crashes, " << result.records
            << " records acknowledged\n";
  EXPECT_EQ(result.failure, "");
}

TEST(SpoolPowerLossTest, SameSeedHasTheSameEnd) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    const CycleResult once = RunCycles(seed, 5, {}, RunCycle);
    const CycleResult again = RunCycles(seed, 5, {}, RunCycle);
    EXPECT_EQ(once.records, again.records);
    EXPECT_EQ(once.disk_operations, again.disk_operations);
  }
}

// Proves that the campaign above can fail.
TEST(SpoolPowerLossTest, FailsSoonWhenNothingIsSynced) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    EXPECT_NE(
        RunCycles(seed, 10, {.files = true, .folders = true}, RunCycle).failure,
        "")
        << "seed " << seed;
    EXPECT_NE(RunCycles(seed, 10, {.files = true}, RunCycle).failure, "")
        << "seed " << seed;
  }
}

TEST(SpoolPowerLossTest, FailsWhenNamesAreNotSynced) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    EXPECT_NE(RunCycles(seed, 50, {.folders = true}, RunCycle).failure, "")
        << "seed " << seed;
  }
}

}  // namespace
}  // namespace tuco::log

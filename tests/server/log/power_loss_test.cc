// Nothing that was acknowledged is lost, doubled or changed when the power
// fails or the process dies, at any call to the disk.
//
// `make crash` tries it more often. TUCO_CRASH_SEED=S TUCO_CRASH_CYCLES=20
// repeats what became of the disk of seed S.

#include <cstdint>
#include <iostream>
#include <string>

#include "gtest/gtest.h"
#include "tests/server/log/crash_cycles.h"
#include "tests/server/log/log_campaign.h"
#include "tests/server/log/sqlite_file_editor.h"

namespace tuco::log {
namespace {

using Crash = base::MemoryDisk::Crash;

// Appends until the crash that may come at any call, at the latest after some
// batches.
std::string AppendUntilCrash(LogCampaign& campaign) {
  base::MemoryDisk& disk = campaign.disk();
  base::DiskChance& chance = campaign.chance();
  constexpr std::uint64_t kReach[] = {30, 200, 800, 5'000};
  disk.CrashAfter(1 + chance.Below(kReach[chance.Below(4)]),
                  chance.OneIn(4) ? Crash::kProcessDeath : Crash::kPowerLoss);
  absl::Status status = campaign.Open();
  for (std::uint64_t batches = chance.Below(40); status.ok() && batches > 0;
       --batches) {
    status = campaign.AppendBatch();
    if (status.ok() && chance.OneIn(20)) {
      campaign.Close();
      status = campaign.Open();
    }
  }
  if (!status.ok() && !disk.crashed()) return status.ToString();
  if (!disk.crashed()) disk.CrashAfter(0, Crash::kPowerLoss);
  campaign.Close();
  disk.Restart();
  return "";
}

std::string RunCycle(LogCampaign& campaign) {
  std::string wrong = AppendUntilCrash(campaign);
  if (!wrong.empty()) return "before the crash: " + wrong;
  const absl::Status opened = campaign.Open();
  if (!opened.ok()) return "cannot open: " + opened.ToString();
  wrong = campaign.Check(/*reopened=*/true);
  if (campaign.chance().OneIn(2)) {
    campaign.disk().CrashAfter(0, Crash::kPowerLoss);
  }
  campaign.Close();
  if (campaign.disk().crashed()) campaign.disk().Restart();
  return wrong;
}

TEST(PowerLossTest, NothingAcknowledgedIsLostDoubledOrChanged) {
  const CycleResult result =
      RunCycles(CampaignSeed(), CampaignCycles(), {}, RunCycle);
  std::cout << result.cycles << " crashes, " << result.records
            << " records acknowledged\n";
  EXPECT_EQ(result.failure, "");
}

// A log of version 1, which is this one without some columns and tables, and a
// crash at call `at` of bringing it up to date. Says what is wrong then.
std::string MigrateWithCrash(std::uint64_t at, bool& crashed) {
  LogCampaign campaign(CampaignSeed() + at);
  absl::Status status = campaign.Open();
  for (int batch = 0; status.ok() && batch < 5; ++batch) {
    status = campaign.AppendBatch();
  }
  if (!status.ok()) return status.ToString();
  campaign.Close();
  SqliteFileEditor("/log/events.db", campaign.vfs()).MakeVersion1();
  campaign.ForgetSubscriptions();
  campaign.disk().CrashAfter(at, Crash::kPowerLoss);
  status = campaign.Open();
  crashed = campaign.disk().crashed();
  campaign.Close();
  campaign.disk().Restart();
  status = campaign.Open();
  return status.ok() ? campaign.Check(/*reopened=*/true) : status.ToString();
}

TEST(PowerLossTest, LogThatIsBroughtUpToDateIsOldOrNew) {
  bool crashed = true;
  for (std::uint64_t at = 1; crashed; ++at) {
    EXPECT_EQ(MigrateWithCrash(at, crashed), "") << "call " << at;
  }
}

TEST(PowerLossTest, SameSeedHasTheSameEnd) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    const CycleResult once = RunCycles(seed, 5, {}, RunCycle);
    const CycleResult again = RunCycles(seed, 5, {}, RunCycle);
    EXPECT_EQ(once.records, again.records);
    EXPECT_EQ(once.disk_operations, again.disk_operations);
  }
}

// Proves that the campaign above can fail.
TEST(PowerLossTest, FailsSoonWhenNothingIsSynced) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    EXPECT_NE(
        RunCycles(seed, 10, {.files = true, .folders = true}, RunCycle).failure,
        "")
        << "seed " << seed;
    EXPECT_NE(RunCycles(seed, 10, {.files = true}, RunCycle).failure, "")
        << "seed " << seed;
  }
}

TEST(PowerLossTest, FailsWhenNamesAreNotSynced) {
  EXPECT_NE(RunCycles(/*seed=*/1, 200, {.folders = true}, RunCycle).failure,
            "");
}

}  // namespace
}  // namespace tuco::log

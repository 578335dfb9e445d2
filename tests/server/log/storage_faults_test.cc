// A disk that fails at any call costs nothing that was acknowledged: each
// failure is told with its code, and the log works again as soon as the disk
// does, or as soon as it was opened anew.

#include <cerrno>
#include <cstdint>
#include <iostream>
#include <ostream>
#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "tests/server/log/log_campaign.h"

namespace tuco::log {
namespace {

using base::MemoryDisk;
using Operation = MemoryDisk::Operation;
using Crash = MemoryDisk::Crash;

struct Failure {
  std::string name;
  Operation operation;
  int error_number = EIO;
  absl::StatusCode code = absl::StatusCode::kDataLoss;  // That is expected.
  bool partly = false;

  friend void PrintTo(const Failure& failure, std::ostream* out) {
    *out << failure.name;
  }
};

constexpr int kRounds = 12;

// A log whose disk fails at one point, and what is wrong about it then.
class FailingLog {
 public:
  FailingLog(std::uint64_t seed, const Failure& failure, std::uint64_t nth)
      : campaign_(seed), failure_(failure) {
    campaign_.disk().Inject({.operation = failure.operation,
                             .skip = nth - 1,
                             .count = 1 + campaign_.chance().Below(3),
                             .error_number = failure.error_number,
                             .partly = failure.partly});
  }

  // Uses the log until the disk has failed and works again. False when it does
  // not fail for so long.
  bool Run(int rounds_max) {
    for (int round = 0; round < rounds_max && wrong_.empty(); ++round) {
      if (campaign_.disk().faults_done()) {
        UseAfterwards();
        return true;
      }
      Open();
      // The later ones are there for what happens once in a round.
      const bool short_one = round >= kRounds;
      for (int batch = 0; batch < (short_one ? 1 : 4); ++batch) Append();
      if (!short_one) Check(/*reopened=*/false);
      if (round % 3 != 0) campaign_.Close();
    }
    return !wrong_.empty();
  }
  const std::string& wrong() const { return wrong_; }

 private:
  void Open() {
    if (campaign_.log() != nullptr) return;
    for (int attempt = 0; attempt < 10; ++attempt) {
      const absl::Status status = campaign_.Open();
      if (status.ok()) return Check(/*reopened=*/true);
      // What cannot be opened for writing is opened for reading first.
      if (absl::IsPermissionDenied(status)) continue;
      // Of the database that it makes SQLite does not keep the cause.
      if (failure_.code == absl::StatusCode::kPermissionDenied &&
          absl::IsDataLoss(status)) {
        continue;
      }
      Expect(status, "opening");
    }
    Wrong("cannot be opened any more");
  }

  void Append() {
    for (int attempt = 0; attempt < 10 && wrong_.empty(); ++attempt) {
      const bool failed = !campaign_.log()->Probe().ok();
      const absl::Status status = campaign_.AppendBatch();
      if (status.ok()) return;
      // Once storage failed it stays so until the log is opened again.
      if (failed) {
        if (!absl::IsDataLoss(status)) Wrong(status.ToString());
        campaign_.Close();
        Open();
      } else {
        Expect(status, "appending");
      }
    }
    if (wrong_.empty()) Wrong("nothing can be appended any more");
  }

  // Reading may fail as long as the disk does.
  void Check(bool reopened) {
    bool failing = !campaign_.disk().faults_done();
    std::string wrong = campaign_.Check(reopened);
    while (failing && !wrong.empty()) {
      failing = !campaign_.disk().faults_done();
      wrong = campaign_.Check(reopened);
    }
    if (!wrong.empty()) Wrong(wrong);
  }

  void UseAfterwards() {
    Open();
    Append();
    Check(/*reopened=*/false);
    campaign_.disk().CrashAfter(0, Crash::kPowerLoss);
    campaign_.Close();
    campaign_.disk().Restart();
    Open();
  }

  void Expect(const absl::Status& status, const char* what) {
    if (status.code() != failure_.code) {
      Wrong(absl::StrCat(what, ": ", status.ToString()));
    }
  }
  void Wrong(const std::string& what) {
    if (wrong_.empty()) wrong_ = what;
  }

  LogCampaign campaign_;
  const Failure failure_;
  std::string wrong_;
};

class StorageFaultsTest : public ::testing::TestWithParam<Failure> {};

TEST_P(StorageFaultsTest, CostsNothingAcknowledgedAtAnyCall) {
  std::uint64_t happened = 0;
  const bool all = CampaignCycles() > 1'000;
  // Some of the calls do, where there is not the time for all of them.
  for (std::uint64_t nth = 1; nth <= 200; nth += all || nth < 40 ? 1 : 7) {
    const std::uint64_t seed = CampaignSeed() + nth;
    FailingLog log(seed, GetParam(), nth);
    if (!log.Run(all ? 10 * kRounds : kRounds)) break;
    ++happened;
    EXPECT_EQ(log.wrong(), "") << "call " << nth << ", seed " << seed;
  }
  std::cout << "failed at " << happened << " calls\n";
  EXPECT_GT(happened, 0u);
}

INSTANTIATE_TEST_SUITE_P(
    Each, StorageFaultsTest,
    ::testing::Values(Failure{"Open", Operation::kOpen},
                      Failure{"OpenWithoutDescriptors", Operation::kOpen,
                              EMFILE, absl::StatusCode::kResourceExhausted},
                      Failure{"Read", Operation::kRead},
                      Failure{"Write", Operation::kWrite},
                      Failure{.name = "ShortWrite",
                              .operation = Operation::kWrite,
                              .partly = true},
                      Failure{.name = "ShortWriteWithoutSpace",
                              .operation = Operation::kWrite,
                              .error_number = ENOSPC,
                              .code = absl::StatusCode::kResourceExhausted,
                              .partly = true},
                      Failure{"WriteReadOnly", Operation::kWrite, EROFS,
                              absl::StatusCode::kPermissionDenied},
                      Failure{"Truncate", Operation::kTruncate},
                      Failure{"Sync", Operation::kSync},
                      Failure{"SyncWithoutSpace", Operation::kSync, ENOSPC},
                      Failure{"SyncDirectory", Operation::kSyncDirectory},
                      Failure{"Rename", Operation::kRename},
                      Failure{"Remove", Operation::kRemove},
                      Failure{"MakeDirectory", Operation::kMakeDirectory},
                      Failure{"Look", Operation::kLook},
                      Failure{"Lock", Operation::kLock}),
    [](const auto& test) { return test.param.name; });

// Appends until the disk is full, whatever happens to the process meanwhile,
// and goes on when there is space. Says what is wrong about that.
std::string FillAndGoOn(std::uint64_t seed) {
  LogCampaign campaign(seed);
  MemoryDisk& disk = campaign.disk();
  base::DiskChance& chance = campaign.chance();
  absl::Status status = campaign.Open();
  for (std::uint64_t batches = chance.Below(20); batches > 0; --batches) {
    if (status.ok()) status = campaign.AppendBatch();
  }
  if (!status.ok()) return status.ToString();
  disk.SetCapacity(disk.used_bytes() + chance.Below(1 << 18));
  for (int refused = 0; refused < 5;) {
    status = campaign.AppendBatch();
    if (!status.ok() && !absl::IsResourceExhausted(status)) {
      return "full: " + status.ToString();
    }
    refused += status.ok() ? 0 : 1;
    std::string wrong = campaign.Check(/*reopened=*/false);
    if (!wrong.empty()) return "full: " + wrong;
    if (!chance.OneIn(4)) continue;
    const bool crash = chance.OneIn(2);
    if (crash) disk.CrashAfter(0, Crash::kPowerLoss);
    campaign.Close();
    if (crash) disk.Restart();
    status = campaign.Open();
    if (!status.ok()) return "opened while full: " + status.ToString();
    wrong = campaign.Check(/*reopened=*/true);
    if (!wrong.empty()) return "opened while full: " + wrong;
  }
  disk.SetCapacity(disk.used_bytes() + (64 << 20));
  for (int batch = 0; batch < 5; ++batch) {
    status = campaign.AppendBatch();
    if (!status.ok()) return "with space again: " + status.ToString();
  }
  disk.CrashAfter(0, Crash::kPowerLoss);
  campaign.Close();
  disk.Restart();
  status = campaign.Open();
  return status.ok() ? campaign.Check(/*reopened=*/true) : status.ToString();
}

TEST(FullDiskTest, CostsNothingAcknowledgedAndWorkGoesOnByItself) {
  for (std::uint64_t i = 0; i < 100; ++i) {
    const std::uint64_t seed = CampaignSeed() + i;
    EXPECT_EQ(FillAndGoOn(seed), "") << "seed " << seed;
  }
}

}  // namespace
}  // namespace tuco::log

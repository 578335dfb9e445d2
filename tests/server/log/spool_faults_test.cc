// A disk that fails at any call costs nothing that was spooled: each failure is
// told with its code, and the spool works again as soon as the disk does, or as
// soon as it was opened anew.

#include <cerrno>
#include <cstdint>
#include <iostream>
#include <ostream>
#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "tests/server/log/log_campaign.h"
#include "tests/server/log/spool_campaign.h"

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

// How often a spool is opened, at most, until its disk has failed.
constexpr int kRounds = 60;
constexpr int kAttempts = 10;

// A spool whose disk fails at one point, and what is wrong about it then.
class FailingSpool {
 public:
  FailingSpool(std::uint64_t seed, const Failure& failure, std::uint64_t nth)
      : campaign_(seed), failure_(failure) {
    campaign_.disk().Inject({.operation = failure.operation,
                             .skip = nth - 1,
                             .count = 1 + campaign_.chance().Below(3),
                             .error_number = failure.error_number,
                             .partly = failure.partly});
  }

  // Uses the spool until the disk has failed and works again. False when it
  // does not fail for so long.
  bool Run() {
    for (int round = 0; round < kRounds && wrong_.empty(); ++round) {
      if (campaign_.disk().faults_done()) {
        UseAfterwards();
        return true;
      }
      Open();
      for (int batch = 0; batch < 4 && wrong_.empty(); ++batch) {
        Append();
        // Now it fills, now it empties.
        for (int i = 0; i < round % 5; ++i) Merge();
      }
      Check(/*reopened=*/false);
      if (round % 3 != 0) campaign_.Close();
    }
    return !wrong_.empty();
  }
  const std::string& wrong() const { return wrong_; }

 private:
  void Open() {
    if (campaign_.spool() != nullptr) return;
    for (int attempt = 0; attempt < kAttempts; ++attempt) {
      const absl::Status status = campaign_.Open();
      if (status.ok()) return Check(/*reopened=*/true);
      ExpectFailure(status, "opening");
    }
    Wrong("cannot be opened any more");
  }

  void Append() {
    for (int attempt = 0; attempt < kAttempts && wrong_.empty(); ++attempt) {
      const bool failed = !campaign_.spool()->Probe().ok();
      const absl::Status status = campaign_.AppendBatch();
      if (status.ok()) return;
      // Once storage failed it stays so until the spool is opened again.
      if (failed) {
        if (!absl::IsDataLoss(status)) Wrong(status.ToString());
        campaign_.Close();
        Open();
      } else {
        // A failed sync leaves open what is in the file, whatever its cause.
        const bool sync = failure_.operation == Operation::kSync;
        Expect(status, sync ? absl::StatusCode::kDataLoss : failure_.code,
               "appending");
      }
    }
    if (wrong_.empty()) Wrong("nothing can be appended any more");
  }

  void Merge() {
    for (int attempt = 0; attempt < kAttempts && wrong_.empty(); ++attempt) {
      const absl::Status status = campaign_.MergeBatch();
      if (status.ok()) return;
      ExpectFailure(status, "merging");
    }
    if (wrong_.empty()) Wrong("nothing can be merged any more");
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
    Merge();
    Check(/*reopened=*/false);
    campaign_.disk().CrashAfter(0, Crash::kPowerLoss);
    campaign_.Close();
    campaign_.disk().Restart();
    Open();
  }

  // Where nothing is appended a failed sync may also be what it says.
  void ExpectFailure(const absl::Status& status, const char* what) {
    const bool sync = failure_.operation == Operation::kSync;
    if (sync && absl::IsDataLoss(status)) return;
    Expect(status, failure_.code, what);
  }
  void Expect(const absl::Status& status, absl::StatusCode code,
              const char* what) {
    if (status.code() != code) {
      Wrong(absl::StrCat(what, ": ", status.ToString()));
    }
  }
  void Wrong(const std::string& what) {
    if (wrong_.empty()) wrong_ = what;
  }

  SpoolCampaign campaign_;
  const Failure failure_;
  std::string wrong_;
};

class SpoolFaultsTest : public ::testing::TestWithParam<Failure> {};

TEST_P(SpoolFaultsTest, CostsNothingAcknowledgedAtAnyCall) {
  std::uint64_t happened = 0;
  std::uint64_t missed = 0;
  const bool all = CampaignCycles() > 1'000;
  // Of some calls there are not so many, and not always the time for all.
  for (std::uint64_t nth = 1; nth <= 200 && missed < 5;
       nth += all || nth < 60 ? 1 : 4) {
    const std::uint64_t seed = CampaignSeed() + nth;
    FailingSpool spool(seed, GetParam(), nth);
    if (!spool.Run()) {
      ++missed;
      continue;
    }
    ++happened;
    EXPECT_EQ(spool.wrong(), "") << "call " << nth << ", seed " << seed;
  }
  std::cout << "failed at " << happened << " calls\n";
  EXPECT_GT(happened, 0u);
}

INSTANTIATE_TEST_SUITE_P(
    Each, SpoolFaultsTest,
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
                      Failure{"SyncWithoutSpace", Operation::kSync, ENOSPC,
                              absl::StatusCode::kResourceExhausted},
                      Failure{"SyncDirectory", Operation::kSyncDirectory},
                      Failure{"Remove", Operation::kRemove},
                      Failure{"MakeDirectory", Operation::kMakeDirectory},
                      Failure{"Look", Operation::kLook},
                      Failure{"Lock", Operation::kLock}),
    [](const auto& test) { return test.param.name; });

// Appends until the disk is full, whatever happens to the process meanwhile,
// merges some of it in between, and goes on when there is space. Says what is
// wrong about that.
std::string FillAndGoOn(std::uint64_t seed) {
  SpoolCampaign campaign(seed);
  MemoryDisk& disk = campaign.disk();
  base::DiskChance& chance = campaign.chance();
  absl::Status status = campaign.Open();
  for (std::uint64_t batches = chance.Below(20); batches > 0; --batches) {
    if (status.ok()) status = campaign.AppendBatch();
  }
  if (!status.ok()) return status.ToString();
  disk.SetCapacity(disk.used_bytes() + chance.Below(1 << 16));
  for (int refused = 0; refused < 5;) {
    status = campaign.AppendBatch();
    if (!status.ok() && !absl::IsResourceExhausted(status)) {
      return "full: " + status.ToString();
    }
    refused += status.ok() ? 0 : 1;
    if (chance.OneIn(4)) status = campaign.MergeBatch();
    if (!status.ok() && !absl::IsResourceExhausted(status)) {
      return "merged while full: " + status.ToString();
    }
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

TEST(FullSpoolTest, CostsNothingAcknowledgedAndWorkGoesOnByItself) {
  for (std::uint64_t i = 0; i < 200; ++i) {
    const std::uint64_t seed = CampaignSeed() + i;
    EXPECT_EQ(FillAndGoOn(seed), "") << "seed " << seed;
  }
}

}  // namespace
}  // namespace tuco::log

#include "server/log/disk_reserve.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <utility>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/base/posix_file_system.h"
#include "tests/server/base/memory_disk.h"
#include "tests/server/base/temporary_directory.h"

namespace tuco::log {
namespace {

using base::FileSystem;
using base::MemoryDisk;
using Operation = MemoryDisk::Operation;
using std::chrono::milliseconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr std::uint64_t kMiB = std::uint64_t{1} << 20;
constexpr std::uint64_t kGiB = std::uint64_t{1} << 30;

// A disk with a folder for the log.
class DiskReserveTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(disk_.MakeDirectory("/data").ok());
    events_ =
        disk_.Open("/data/events.db", FileSystem::OpenMode::kCreateNew).value();
  }
  DiskReserveOptions Options() {
    return {.directory = "/data", .files = disk_, .ballast_bytes = kMiB};
  }
  // Leaves so many bytes of the disk free.
  void SetFree(std::uint64_t bytes) {
    disk_.SetTaken(0);
    disk_.SetTaken(disk_.SpaceAt("/data").value().free_bytes - bytes);
  }
  absl::StatusCode Check(DiskReserve& reserve, milliseconds at) {
    return reserve.Check(DiskReserve::TimePoint(at)).code();
  }
  bool HasBallast() const {
    return disk_.Contents("/data/ballast").size() == kMiB;
  }

  static constexpr auto kOk = absl::StatusCode::kOk;
  static constexpr auto kShort = absl::StatusCode::kResourceExhausted;

  MemoryDisk disk_{1};
  std::unique_ptr<base::File> events_;
};

TEST_F(DiskReserveTest, IsFivePercentOfAVolumeAndAtMostOneGibibyte) {
  for (const auto& [capacity, kept] :
       {std::pair(1'000 * kMiB, 50 * kMiB), std::pair(10 * kGiB, kGiB / 2),
        std::pair(20 * kGiB, kGiB), std::pair(1'000 * kGiB, kGiB)}) {
    DiskReserve reserve(Options());
    disk_.SetCapacity(capacity);
    disk_.SetTaken(capacity - kept);
    EXPECT_EQ(Check(reserve, milliseconds(0)), kOk) << capacity;
    disk_.SetTaken(capacity - kept + 1);
    EXPECT_EQ(Check(reserve, milliseconds(1'000)), kShort) << capacity;
  }
}

TEST_F(DiskReserveTest, SaysWhereHowMuchIsFreeAndHowMuchIsKept) {
  auto options = Options();
  options.reserve_bytes = kGiB;
  DiskReserve reserve(options);
  SetFree(812 * kMiB);
  const absl::Status status = reserve.Check({});
  EXPECT_EQ(status.code(), kShort);
  EXPECT_EQ(std::string(status.message()),
            "/data has 812 MiB free and 1024 MiB are kept in reserve: nothing "
            "is appended until there is more");
}

TEST_F(DiskReserveTest, GoesOnByItselfWhenThereIsSpaceAgain) {
  auto options = Options();
  options.reserve_bytes = 1'000;
  DiskReserve reserve(options);
  SetFree(1'000);
  EXPECT_EQ(Check(reserve, milliseconds(0)), kOk);
  SetFree(999);
  EXPECT_EQ(Check(reserve, milliseconds(250)), kShort);
  SetFree(1'000);
  EXPECT_EQ(Check(reserve, milliseconds(250)), kOk);
}

TEST_F(DiskReserveTest, AsksNowAndThenAndAlwaysWhileSpaceIsShort) {
  auto options = Options();
  options.reserve_bytes = 1'000;
  DiskReserve reserve(options);
  SetFree(5'000);
  const auto asked_at = [&](int at) {
    const std::uint64_t before = disk_.Count(Operation::kLook);
    Check(reserve, milliseconds(at));
    return disk_.Count(Operation::kLook) > before;
  };
  EXPECT_TRUE(asked_at(1'000));
  EXPECT_FALSE(asked_at(1'000));
  EXPECT_FALSE(asked_at(1'249));
  EXPECT_TRUE(asked_at(1'250));
  SetFree(999);
  EXPECT_FALSE(asked_at(1'499));
  EXPECT_TRUE(asked_at(1'500));
  EXPECT_TRUE(asked_at(1'500));
  EXPECT_TRUE(asked_at(1'501));
  SetFree(1'000);
  EXPECT_TRUE(asked_at(1'501));
  EXPECT_FALSE(asked_at(1'502));
}

TEST_F(DiskReserveTest, NoneIsNeverAskedFor) {
  auto options = Options();
  options.reserve_bytes = 0;
  DiskReserve reserve(options);
  SetFree(0);
  const std::uint64_t before = disk_.operations();
  EXPECT_EQ(Check(reserve, milliseconds(0)), kOk);
  EXPECT_EQ(disk_.operations(), before);
}

TEST_F(DiskReserveTest, UnknownSpaceStopsNothing) {
  auto options = Options();
  options.reserve_bytes = 1'000;
  DiskReserve reserve(options);
  SetFree(0);
  disk_.Inject({.operation = Operation::kLook, .count = 2});
  ::testing::internal::CaptureStderr();
  EXPECT_EQ(Check(reserve, milliseconds(0)), kOk);
  EXPECT_EQ(Check(reserve, milliseconds(250)), kOk);
  const std::string said = ::testing::internal::GetCapturedStderr();
  // Said once.
  EXPECT_EQ(std::count(said.begin(), said.end(), '\n'), 1);
  EXPECT_EQ(Check(reserve, milliseconds(500)), kShort);
}

TEST_F(DiskReserveTest, BallastIsMadeOfBytesThatTakeSpace) {
  DiskReserve reserve(Options());
  const std::uint64_t used = disk_.used_bytes();
  ASSERT_TRUE(reserve.MakeBallast().ok());
  EXPECT_EQ(disk_.used_bytes(), used + kMiB);
  const std::string bytes = disk_.Contents("/data/ballast");
  // No block is like another, or like zeros.
  std::set<std::string> blocks;
  for (std::size_t at = 0; at < bytes.size(); at += 512) {
    blocks.insert(bytes.substr(at, 512));
  }
  EXPECT_EQ(blocks.size(), kMiB / 512);
  EXPECT_FALSE(blocks.contains(std::string(512, '\0')));
}

TEST_F(DiskReserveTest, BallastIsMadeOnce) {
  DiskReserve reserve(Options());
  ASSERT_TRUE(reserve.MakeBallast().ok());
  const std::uint64_t writes = disk_.Count(Operation::kWrite);
  ASSERT_TRUE(reserve.MakeBallast().ok());
  DiskReserve next_process(Options());
  ASSERT_TRUE(next_process.MakeBallast().ok());
  EXPECT_EQ(disk_.Count(Operation::kWrite), writes);
}

TEST_F(DiskReserveTest, BallastOfAnotherSizeIsMadeAnew) {
  auto options = Options();
  options.ballast_bytes = 5'000;
  ASSERT_TRUE(DiskReserve(options).MakeBallast().ok());
  ASSERT_TRUE(DiskReserve(Options()).MakeBallast().ok());
  EXPECT_TRUE(HasBallast());
}

TEST_F(DiskReserveTest, NoBallastIsWantedOfNoSize) {
  auto options = Options();
  options.ballast_bytes = 0;
  ASSERT_TRUE(DiskReserve(options).MakeBallast().ok());
  EXPECT_THAT(disk_.List("/data").value(), ElementsAre("events.db"));
}

TEST_F(DiskReserveTest, BallastNeedsRoomBesideTheReserve) {
  auto options = Options();
  options.reserve_bytes = 10 * kMiB;
  DiskReserve reserve(options);
  SetFree(11 * kMiB - 1);
  EXPECT_EQ(reserve.MakeBallast().code(), kShort);
  EXPECT_THAT(disk_.List("/data").value(), ElementsAre("events.db"));
  SetFree(11 * kMiB);
  EXPECT_TRUE(reserve.MakeBallast().ok());
  EXPECT_EQ(Check(reserve, milliseconds(0)), kOk);
}

// Or else appends would take what was given up for deletions.
TEST_F(DiskReserveTest, WhatIsReleasedIsNotForAppends) {
  auto options = Options();
  options.reserve_bytes = 10 * kMiB;
  DiskReserve reserve(options);
  ASSERT_TRUE(reserve.MakeBallast().ok());
  SetFree(10 * kMiB - 1);
  EXPECT_EQ(Check(reserve, milliseconds(0)), kShort);
  ASSERT_TRUE(reserve.Release().ok());
  EXPECT_THAT(disk_.List("/data").value(), ElementsAre("events.db"));
  EXPECT_EQ(Check(reserve, milliseconds(0)), kShort);
  EXPECT_EQ(reserve.MakeBallast().code(), kShort);
  // Deletions have made room.
  SetFree(11 * kMiB);
  EXPECT_EQ(Check(reserve, milliseconds(0)), kOk);
  ASSERT_TRUE(reserve.MakeBallast().ok());
  EXPECT_EQ(Check(reserve, milliseconds(250)), kOk);
}

TEST_F(DiskReserveTest, ReleasingWhatIsNotThereIsNoError) {
  DiskReserve reserve(Options());
  EXPECT_TRUE(reserve.Release().ok());
  EXPECT_TRUE(reserve.Release().ok());
}

TEST_F(DiskReserveTest, BallastCanBeReleasedOnADiskThatIsFull) {
  DiskReserve reserve(Options());
  ASSERT_TRUE(reserve.MakeBallast().ok());
  SetFree(0);
  EXPECT_FALSE(events_->Append("x").ok());
  ASSERT_TRUE(reserve.Release().ok());
  EXPECT_TRUE(events_->Append(std::string(kMiB, 'x')).ok());
}

// All of it or nothing, whichever call fails, and no space is lost for it.
TEST_F(DiskReserveTest, FailedCallLeavesNoPartOfABallast) {
  for (const Operation operation :
       {Operation::kOpen, Operation::kWrite, Operation::kSync,
        Operation::kSyncDirectory, Operation::kRename, Operation::kRemove,
        Operation::kLook}) {
    for (std::uint64_t skip = 0; skip < 5; ++skip) {
      DiskReserve reserve(Options());
      ASSERT_TRUE(reserve.Release().ok());
      disk_.Inject({.operation = operation, .skip = skip, .partly = true});
      const absl::Status made = reserve.MakeBallast();
      if (disk_.faults_done()) {
        EXPECT_EQ(made.code(), absl::StatusCode::kDataLoss);
      }
      disk_.ClearFaults();
      EXPECT_TRUE(reserve.MakeBallast().ok());
      EXPECT_THAT(disk_.List("/data").value(),
                  ElementsAre("ballast", "events.db"));
      EXPECT_TRUE(HasBallast());
    }
  }
}

TEST_F(DiskReserveTest, VolumeThatFillsUpMeanwhileLeavesNoPartOfABallast) {
  DiskReserve reserve(Options());
  disk_.Inject({.operation = Operation::kWrite,
                .skip = 2,
                .error_number = ENOSPC,
                .partly = true});
  EXPECT_EQ(reserve.MakeBallast().code(), kShort);
  EXPECT_THAT(disk_.List("/data").value(), ElementsAre("events.db"));
}

TEST_F(DiskReserveTest, PowerLossLeavesAWholeBallastOrNone) {
  std::uint64_t made = 0;
  for (std::uint64_t at = 1; at < 25; ++at) {
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
      MemoryDisk disk(seed);
      ASSERT_TRUE(disk.MakeDirectory("/data").ok());
      ASSERT_TRUE(disk.SyncDirectory("/").ok());
      const DiskReserveOptions options{
          .directory = "/data", .files = disk, .ballast_bytes = 300'000};
      disk.CrashAfter(at, MemoryDisk::Crash::kPowerLoss);
      const bool ok = DiskReserve(options).MakeBallast().ok();
      if (!disk.crashed()) disk.CrashAfter(0, MemoryDisk::Crash::kPowerLoss);
      disk.Restart();
      const bool there =
          disk.KindOf("/data/ballast").value() == FileSystem::PathKind::kFile;
      EXPECT_TRUE(there || !ok);
      if (there) {
        ++made;
        EXPECT_EQ(disk.Contents("/data/ballast").size(), 300'000u);
      }
      EXPECT_TRUE(DiskReserve(options).MakeBallast().ok());
      EXPECT_THAT(disk.List("/data").value(), ElementsAre("ballast"));
    }
  }
  EXPECT_GT(made, 0u);
}

TEST(DiskReserveInFolderTest, WatchesTheVolumeAndMakesABallastOnIt) {
  const base::TemporaryDirectory directory;
  base::PosixFileSystem files;
  DiskReserveOptions options{.directory = directory.path(),
                             .files = files,
                             .reserve_bytes = 1,
                             .ballast_bytes = kMiB};
  DiskReserve reserve(options);
  EXPECT_TRUE(reserve.Check({}).ok());
  ASSERT_TRUE(reserve.MakeBallast().ok());
  struct stat about {};
  ASSERT_EQ(::stat((directory / "ballast").c_str(), &about), 0);
  EXPECT_EQ(about.st_size, static_cast<off_t>(kMiB));
  EXPECT_GE(about.st_blocks * 512, static_cast<off_t>(kMiB));  // Not sparse.
  EXPECT_EQ(about.st_mode & 0777, 0600u);
  ASSERT_TRUE(reserve.Release().ok());
  EXPECT_NE(::stat((directory / "ballast").c_str(), &about), 0);

  options.reserve_bytes = std::uint64_t{1} << 62;
  const absl::Status status = DiskReserve(options).Check({});
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(std::string(status.message()), HasSubstr(directory.path()));
}

}  // namespace
}  // namespace tuco::log

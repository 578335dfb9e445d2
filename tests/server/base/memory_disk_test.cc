// The disk of the campaigns: that it keeps what it must, loses what it may,
// and does so again with the same seed.

#include "tests/server/base/memory_disk.h"

#include <memory>
#include <set>
#include <string>
#include <utility>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/server/base/file_system_contract.h"

namespace tuco::base {
namespace {

using Crash = MemoryDisk::Crash;
using Mode = FileSystem::OpenMode;
using Operation = MemoryDisk::Operation;

class MemoryVolume final : public Volume {
 public:
  MemoryVolume() { EXPECT_TRUE(disk_.MakeDirectory("/folder").ok()); }
  FileSystem& files() override { return disk_; }
  std::string folder() const override { return "/folder"; }

 private:
  MemoryDisk disk_{1};
};

INSTANTIATE_TEST_SUITE_P(Memory, FileSystemContract,
                         ::testing::Values(VolumeMaker{
                             "memory",
                             [] { return std::make_unique<MemoryVolume>(); }}));

// What became of a file with `synced` in it on which `unsynced` was written.
std::string AfterPowerLoss(std::uint64_t seed, const std::string& synced,
                           const std::string& unsynced) {
  MemoryDisk disk(seed);
  const auto file = disk.Open("/f", Mode::kCreateNew).value();
  EXPECT_TRUE(file->Append(synced).ok());
  EXPECT_TRUE(file->Sync().ok());
  EXPECT_TRUE(disk.SyncDirectory("/").ok());
  EXPECT_TRUE(file->WriteAt(0, unsynced).ok());
  disk.CrashAfter(0, Crash::kPowerLoss);
  disk.Restart();
  return disk.Contents("/f");
}

TEST(MemoryDiskTest, UnsyncedBytesMaySurviveInAnyPart) {
  std::set<std::string> outcomes;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    outcomes.insert(AfterPowerLoss(seed, "aaaa", "bbbbb"));
  }
  for (const char* outcome : {"aaaa", "bbbbb", "bbaa", "aabbb"}) {
    EXPECT_EQ(outcomes.count(outcome), 1u) << outcome;
  }
}

TEST(MemoryDiskTest, UnsyncedWritesAreTornAtSectors) {
  bool torn = false;
  for (std::uint64_t seed = 0; seed < 200 && !torn; ++seed) {
    const std::string bytes =
        AfterPowerLoss(seed, std::string(2000, 'a'), std::string(2000, 'b'));
    torn = bytes == std::string(512, 'b') + std::string(512, 'a') +
                        std::string(976, 'b');
  }
  EXPECT_TRUE(torn);
}

TEST(MemoryDiskTest, SameSeedSameLoss) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const std::string b(5000, 'b');
    EXPECT_EQ(AfterPowerLoss(seed, "a", b), AfterPowerLoss(seed, "a", b));
  }
}

TEST(MemoryDiskTest, SyncedBytesOfANameThatWasNotSyncedMayBeGone) {
  std::set<FileSystem::PathKind> outcomes;
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    MemoryDisk disk(seed);
    const auto file = disk.Open("/f", Mode::kCreateNew).value();
    ASSERT_TRUE(file->Append("text").ok());
    ASSERT_TRUE(file->Sync().ok());
    disk.CrashAfter(0, Crash::kPowerLoss);
    disk.Restart();
    outcomes.insert(disk.KindOf("/f").value());
  }
  EXPECT_EQ(outcomes.size(), 2u);
}

TEST(MemoryDiskTest, RenameAndRemovalThatWereNotSyncedMayBeUndone) {
  std::set<std::vector<std::string>> outcomes;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    MemoryDisk disk(seed);
    for (const char* path : {"/a", "/b"}) {
      ASSERT_TRUE(disk.Open(path, Mode::kCreateNew).ok());
    }
    ASSERT_TRUE(disk.SyncDirectory("/").ok());
    ASSERT_TRUE(disk.Rename("/a", "/c").ok());
    ASSERT_TRUE(disk.Remove("/b").ok());
    disk.CrashAfter(0, Crash::kPowerLoss);
    disk.Restart();
    outcomes.insert(disk.List("/").value());
  }
  using Names = std::vector<std::string>;
  EXPECT_THAT(outcomes,
              ::testing::UnorderedElementsAre(Names{"a", "b"}, Names{"a"},
                                              Names{"b", "c"}, Names{"c"}));
}

TEST(MemoryDiskTest, ProcessDeathLosesNothingButWhatWasOpen) {
  MemoryDisk disk(1);
  const auto file = disk.Open("/f", Mode::kCreateNew).value();
  ASSERT_TRUE(file->TryLock().ok());
  ASSERT_TRUE(file->Append("text").ok());
  disk.CrashAfter(2, Crash::kProcessDeath);
  EXPECT_TRUE(file->Size().ok());
  EXPECT_FALSE(file->Size().ok());
  EXPECT_TRUE(disk.crashed());
  EXPECT_FALSE(disk.Open("/f", Mode::kRead).ok());
  disk.Restart();
  EXPECT_EQ(disk.Contents("/f"), "text");
  EXPECT_EQ(file->Append("more").code(), absl::StatusCode::kDataLoss);
  const auto again = disk.Open("/f", Mode::kReadWrite).value();
  EXPECT_TRUE(again->TryLock().ok());
}

TEST(MemoryDiskTest, FaultHappensToTheCallsItIsMeantFor) {
  MemoryDisk disk(1);
  const auto file = disk.Open("/f", Mode::kCreateNew).value();
  const auto other = disk.Open("/g", Mode::kCreateNew).value();
  disk.Inject({.operation = Operation::kWrite,
               .skip = 1,
               .count = 2,
               .error_number = EDQUOT,
               .ending = "f"});
  EXPECT_TRUE(file->WriteAt(0, "a").ok());
  EXPECT_TRUE(other->WriteAt(0, "a").ok());
  EXPECT_EQ(file->WriteAt(0, "b").code(), absl::StatusCode::kResourceExhausted);
  EXPECT_TRUE(file->Sync().ok());
  EXPECT_FALSE(disk.faults_done());
  EXPECT_FALSE(file->WriteAt(0, "b").ok());
  EXPECT_TRUE(disk.faults_done());
  EXPECT_EQ(disk.Contents("/f"), "a");
  EXPECT_TRUE(file->WriteAt(0, "b").ok());
  EXPECT_EQ(disk.Count(Operation::kWrite), 5u);
}

TEST(MemoryDiskTest, ShortWriteDoesPartOfItsWork) {
  std::set<std::size_t> sizes;
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    MemoryDisk disk(seed);
    const auto file = disk.Open("/f", Mode::kCreateNew).value();
    disk.Inject({.operation = Operation::kWrite, .partly = true});
    EXPECT_FALSE(file->WriteAt(0, std::string(100, 'x')).ok());
    sizes.insert(disk.Contents("/f").size());
  }
  EXPECT_GT(sizes.size(), 10u);
}

TEST(MemoryDiskTest, WhatAFailedSyncGaveUpIsLostThoughALaterOneSucceeds) {
  std::set<std::string> outcomes;
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    MemoryDisk disk(seed);
    const auto file = disk.Open("/f", Mode::kCreateNew).value();
    ASSERT_TRUE(disk.SyncDirectory("/").ok());
    ASSERT_TRUE(file->Append("a").ok());
    disk.Inject({.operation = Operation::kSync});
    EXPECT_EQ(file->Sync().code(), absl::StatusCode::kDataLoss);
    EXPECT_EQ(disk.Contents("/f"), "a");
    EXPECT_TRUE(file->Sync().ok());
    disk.CrashAfter(0, Crash::kPowerLoss);
    disk.Restart();
    outcomes.insert(disk.Contents("/f"));
  }
  EXPECT_THAT(outcomes, ::testing::UnorderedElementsAre("", "a"));
}

TEST(MemoryDiskTest, FullDiskTakesWhatFitsUntilThereIsSpace) {
  MemoryDisk disk(1);
  const auto file = disk.Open("/f", Mode::kCreateNew).value();
  disk.SetCapacity(6);
  EXPECT_TRUE(file->Append("abcd").ok());
  EXPECT_EQ(file->Append("efgh").code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(disk.Contents("/f"), "abcdef");
  EXPECT_TRUE(file->WriteAt(0, "ABCDEF").ok());
  EXPECT_EQ(file->Truncate(7).code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(disk.SpaceAt("/f").value().free_bytes, 0u);
  disk.SetCapacity(100);
  EXPECT_TRUE(file->Append("g").ok());
  EXPECT_EQ(disk.used_bytes(), 7u);
}

TEST(MemoryDiskTest, WhatOthersHaveTakenIsNotFree) {
  MemoryDisk disk(1);
  disk.SetCapacity(100);
  disk.SetTaken(70);
  const auto file = disk.Open("/f", Mode::kCreateNew).value();
  const VolumeSpace space = disk.SpaceAt("/").value();
  EXPECT_EQ(space.free_bytes, 30u);
  EXPECT_EQ(space.total_bytes, 100u);
  EXPECT_EQ(file->Append(std::string(31, 'x')).code(),
            absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(disk.used_bytes(), 100u);
}

TEST(MemoryDiskTest, ReadOnlyDiskIsReadOnly) {
  MemoryDisk disk(1);
  const auto file = disk.Open("/f", Mode::kCreateNew).value();
  disk.SetReadOnly(true);
  EXPECT_EQ(file->Append("a").code(), absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(disk.Remove("/f").code(), absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(disk.Open("/f", Mode::kReadWrite).status().code(),
            absl::StatusCode::kPermissionDenied);
  EXPECT_TRUE(disk.Open("/f", Mode::kRead).ok());
  disk.SetReadOnly(false);
  EXPECT_TRUE(file->Append("a").ok());
}

TEST(MemoryDiskTest, LiarSyncsNothing) {
  bool lost = false;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    MemoryDisk disk(seed);
    const auto file = disk.Open("/f", Mode::kCreateNew).value();
    ASSERT_TRUE(disk.SyncDirectory("/").ok());
    disk.SetLieAboutSync(/*files=*/true, /*folders=*/false);
    ASSERT_TRUE(file->Append("a").ok());
    EXPECT_TRUE(file->Sync().ok());
    disk.CrashAfter(0, Crash::kPowerLoss);
    disk.Restart();
    lost = lost || disk.Contents("/f").empty();
  }
  EXPECT_TRUE(lost);
}

TEST(MemoryDiskTest, DamageSurvives) {
  MemoryDisk disk(1);
  for (const char* path : {"/a", "/b", "/c"}) {
    ASSERT_TRUE(disk.Open(path, Mode::kCreateNew).value()->Append(path).ok());
  }
  disk.FlipBit("/a", 9);
  disk.SetContents("/b", "/");
  disk.Swap("/a", "/b");
  disk.Delete("/c");
  disk.CrashAfter(0, Crash::kPowerLoss);
  disk.Restart();
  EXPECT_EQ(disk.Contents("/a"), "/");
  EXPECT_EQ(disk.Contents("/b"), "/c");
  EXPECT_EQ(disk.KindOf("/c").value(), FileSystem::PathKind::kNothing);
}

}  // namespace
}  // namespace tuco::base

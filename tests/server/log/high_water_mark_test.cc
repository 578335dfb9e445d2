#include "server/log/high_water_mark.h"

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "gtest/gtest.h"
#include "tests/server/base/memory_disk.h"

namespace tuco::log {
namespace {

using base::MemoryDisk;

void MakeSyncedFolder(MemoryDisk& disk) {
  ASSERT_TRUE(disk.MakeDirectory("/log").ok());
  ASSERT_TRUE(disk.SyncDirectory("/").ok());
}

// The sequence of what is found, 0 for nothing, when the power is cut now.
std::uint64_t FoundAfterPowerLoss(MemoryDisk& disk,
                                  std::unique_ptr<HighWaterMark> mark) {
  disk.CrashAfter(0, MemoryDisk::Crash::kPowerLoss);
  mark.reset();
  disk.Restart();
  const auto opened = HighWaterMark::Open(disk, "/log");
  EXPECT_TRUE(opened.ok()) << opened.status();
  return (*opened)->found().value_or(Mark{}).sequence;
}

class HighWaterMarkTest : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(disk_.MakeDirectory("/log").ok()); }

  std::unique_ptr<HighWaterMark> Open() {
    auto mark = HighWaterMark::Open(disk_, "/log");
    EXPECT_TRUE(mark.ok()) << mark.status();
    return *std::move(mark);
  }

  MemoryDisk disk_{1};
};

TEST(MarkTest, ReadsBackAsItWasWritten) {
  const Mark mark{.epoch = 3, .sequence = 0x0102030405060708};
  EXPECT_EQ(DecodeMark(EncodeMark(mark)), mark);
}

TEST(MarkTest, HasTheDocumentedBytes) {
  EXPECT_EQ(EncodeMark({.epoch = 1, .sequence = 42}),
            std::string("TUCOMARK\1\0\0\0\0\0\0\0*\0\0\0\0\0\0\0"
                        "\x0f\x8d\x0b\xd3",
                        28));
}

TEST(MarkTest, EveryChangedBitIsNoticed) {
  const std::string good = EncodeMark({.epoch = 2, .sequence = 77});
  for (std::size_t bit = 0; bit < 8 * good.size(); ++bit) {
    std::string bytes = good;
    bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << (bit % 8)));
    EXPECT_EQ(DecodeMark(bytes), std::nullopt) << bit;
  }
  EXPECT_EQ(DecodeMark(good.substr(0, good.size() - 1)), std::nullopt);
  EXPECT_EQ(DecodeMark({}), std::nullopt);
}

TEST_F(HighWaterMarkTest, ANewOneSaysNothing) {
  const auto mark = Open();
  EXPECT_EQ(mark->found(), std::nullopt);
  EXPECT_FALSE(mark->damaged());
}

TEST_F(HighWaterMarkTest, WhatWasWrittenIsThereAfterTheProcessHasDied) {
  auto mark = Open();
  for (std::uint64_t sequence = 1; sequence <= 5; ++sequence) {
    ASSERT_TRUE(mark->Write({.epoch = 1, .sequence = sequence}).ok());
    if (sequence % 2 == 0) {
      ASSERT_TRUE(mark->Sync().ok());
    }
  }
  mark.reset();
  disk_.Restart();
  EXPECT_EQ(Open()->found(), (Mark{.epoch = 1, .sequence = 5}));
}

// What was written since may be there or not, or in half, but never takes the
// synced one with it.
TEST_F(HighWaterMarkTest, WhatWasSyncedIsThereAfterThePowerWasCut) {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    MemoryDisk disk(seed);
    MakeSyncedFolder(disk);
    auto mark = HighWaterMark::Open(disk, "/log").value();
    for (const std::uint64_t sequence : {10, 20}) {
      ASSERT_TRUE(mark->Write({.epoch = 1, .sequence = sequence}).ok());
      ASSERT_TRUE(mark->Sync().ok());
    }
    for (std::uint64_t sequence = 21; sequence <= 30; ++sequence) {
      ASSERT_TRUE(mark->Write({.epoch = 1, .sequence = sequence}).ok());
    }
    const std::uint64_t found = FoundAfterPowerLoss(disk, std::move(mark));
    EXPECT_GE(found, 20u) << "seed " << seed;
    EXPECT_LE(found, 30u) << "seed " << seed;
  }
}

// The system may have given up what it could not write, and a later sync that
// succeeds says nothing of that.
TEST_F(HighWaterMarkTest, WhatAFailedSyncGaveUpIsWrittenAgain) {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    MemoryDisk disk(seed);
    MakeSyncedFolder(disk);
    auto mark = HighWaterMark::Open(disk, "/log").value();
    ASSERT_TRUE(mark->Write({.epoch = 1, .sequence = 10}).ok());
    ASSERT_TRUE(mark->Sync().ok());
    ASSERT_TRUE(mark->Write({.epoch = 1, .sequence = 20}).ok());
    disk.Inject({.operation = MemoryDisk::Operation::kSync});
    ASSERT_FALSE(mark->Sync().ok());
    ASSERT_TRUE(mark->unsynced());
    ASSERT_TRUE(mark->Sync().ok());
    EXPECT_EQ(FoundAfterPowerLoss(disk, std::move(mark)), 20u)
        << "seed " << seed;
  }
}

// A process that was killed leaves the newest place in memory only, and one
// whose sync failed may leave it there without anything to sync.
TEST_F(HighWaterMarkTest, WhatWasFoundIsThereAfterThePowerWasCut) {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    MemoryDisk disk(seed);
    MakeSyncedFolder(disk);
    auto mark = HighWaterMark::Open(disk, "/log").value();
    ASSERT_TRUE(mark->Write({.epoch = 1, .sequence = 10}).ok());
    ASSERT_TRUE(mark->Sync().ok());
    ASSERT_TRUE(mark->Write({.epoch = 1, .sequence = 20}).ok());
    if (seed % 2 == 0) {
      disk.Inject({.operation = MemoryDisk::Operation::kSync});
      ASSERT_FALSE(mark->Sync().ok());
    }
    mark.reset();
    disk.Restart();
    mark = HighWaterMark::Open(disk, "/log").value();
    ASSERT_EQ(mark->found(), (Mark{.epoch = 1, .sequence = 20}));
    ASSERT_TRUE(mark->Write({.epoch = 1, .sequence = 30}).ok());
    EXPECT_GE(FoundAfterPowerLoss(disk, std::move(mark)), 20u)
        << "seed " << seed;
  }
}

TEST_F(HighWaterMarkTest, NothingIsWrittenOverWhatIsOnTheDiskAlone) {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    MemoryDisk disk(seed);
    MakeSyncedFolder(disk);
    auto mark = HighWaterMark::Open(disk, "/log").value();
    ASSERT_TRUE(mark->Write({.epoch = 1, .sequence = 10}).ok());
    ASSERT_TRUE(mark->Sync().ok());
    ASSERT_TRUE(mark->Write({.epoch = 1, .sequence = 20}).ok());
    mark.reset();
    disk.Restart();
    mark = HighWaterMark::Open(disk, "/log").value();
    disk.Inject({.operation = MemoryDisk::Operation::kSync});
    ASSERT_FALSE(mark->Write({.epoch = 1, .sequence = 30}).ok());
    ASSERT_TRUE(mark->unsynced());
    EXPECT_GE(FoundAfterPowerLoss(disk, std::move(mark)), 10u)
        << "seed " << seed;
  }
}

TEST_F(HighWaterMarkTest, ASyncWritesWhatCouldNotBeWritten) {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    MemoryDisk disk(seed);
    MakeSyncedFolder(disk);
    auto mark = HighWaterMark::Open(disk, "/log").value();
    ASSERT_TRUE(mark->Write({.epoch = 1, .sequence = 10}).ok());
    ASSERT_TRUE(mark->Sync().ok());
    disk.Inject({.operation = MemoryDisk::Operation::kWrite,
                 .count = 2,
                 .partly = true});
    ASSERT_FALSE(mark->Write({.epoch = 1, .sequence = 20}).ok());
    EXPECT_FALSE(mark->Sync().ok());
    EXPECT_TRUE(mark->unsynced());
    EXPECT_TRUE(mark->Sync().ok());
    EXPECT_FALSE(mark->unsynced());
    EXPECT_EQ(FoundAfterPowerLoss(disk, std::move(mark)), 20u)
        << "seed " << seed;
  }
}

// It would make the place that was synced last the next one to be written to.
TEST_F(HighWaterMarkTest, ASyncOfNothingNewChangesNothing) {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    MemoryDisk disk(seed);
    MakeSyncedFolder(disk);
    auto mark = HighWaterMark::Open(disk, "/log").value();
    ASSERT_TRUE(mark->Write({.epoch = 1, .sequence = 10}).ok());
    ASSERT_TRUE(mark->Sync().ok());
    ASSERT_TRUE(mark->Sync().ok());
    ASSERT_TRUE(mark->Write({.epoch = 1, .sequence = 20}).ok());
    EXPECT_GE(FoundAfterPowerLoss(disk, std::move(mark)), 10u)
        << "seed " << seed;
  }
}

TEST_F(HighWaterMarkTest, WhoLooksOnSeesTheNewest) {
  EXPECT_EQ(ReadMark(disk_, "/log"), std::nullopt);
  const auto mark = Open();
  EXPECT_EQ(ReadMark(disk_, "/log"), std::nullopt);
  for (std::uint64_t sequence = 1; sequence <= 5; ++sequence) {
    ASSERT_TRUE(mark->Write({.epoch = 1, .sequence = sequence}).ok());
    EXPECT_EQ(ReadMark(disk_, "/log"),
              (Mark{.epoch = 1, .sequence = sequence}));
    ASSERT_TRUE(mark->Sync().ok());
  }
  // The fifth mark is in the first place.
  disk_.FlipBit("/log/mark", 100);
  EXPECT_EQ(ReadMark(disk_, "/log"), (Mark{.epoch = 1, .sequence = 4}));
}

TEST_F(HighWaterMarkTest, OneWithNothingLegibleSaysSo) {
  {
    const auto mark = Open();
    ASSERT_TRUE(mark->Write({.epoch = 1, .sequence = 7}).ok());
  }
  disk_.FlipBit("/log/mark", 100);
  const auto mark = Open();
  EXPECT_EQ(mark->found(), std::nullopt);
  EXPECT_TRUE(mark->damaged());
}

}  // namespace
}  // namespace tuco::log

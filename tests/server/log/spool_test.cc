#include "server/log/spool.h"

#include <sys/stat.h>
#include <unistd.h>

#include <functional>
#include <memory>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/base/posix_file_system.h"
#include "server/log/spool_record.h"
#include "tests/server/base/memory_disk.h"
#include "tests/server/base/temporary_directory.h"
#include "tests/server/log/spool_samples.h"

namespace tuco::log {
namespace {

using base::FileSystem;
using base::MemoryDisk;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

// A file system with an empty folder for the spool to be made in.
struct Volume {
  std::string name;
  std::function<std::shared_ptr<FileSystem>()> make_files;
  std::function<std::string(const base::TemporaryDirectory&)> parent;

  friend void PrintTo(const Volume& volume, std::ostream* out) {
    *out << volume.name;
  }
};

class SpoolTest : public ::testing::TestWithParam<Volume> {
 protected:
  absl::Status Open() {
    spool_.reset();
    auto opened = Spool::Open({.directory = directory_,
                               .files = *files_,
                               .bytes_max = bytes_max_,
                               .segment_bytes = segment_bytes_});
    absl::Status status = opened.status();
    if (status.ok()) spool_ = *std::move(opened);
    return status;
  }
  void SetUp() override { ASSERT_TRUE(Open().ok()); }

  std::vector<std::string> Names() { return files_->List(directory_).value(); }

  const base::TemporaryDirectory temporary_;
  // Shared with nobody; the two kinds are made in different ways.
  const std::shared_ptr<FileSystem> files_ = GetParam().make_files();
  const std::string directory_ = GetParam().parent(temporary_) + "/spool";
  std::uint64_t bytes_max_ = 1 << 20;
  std::uint64_t segment_bytes_ = 4'000;
  std::unique_ptr<Spool> spool_;
};

TEST_P(SpoolTest, ReadsWhatWasAppendedInItsOrder) {
  ASSERT_TRUE(Append(*spool_, Samples(1, 3)).ok());
  ASSERT_TRUE(Append(*spool_, Samples(4, 1)).ok());
  const SpoolBatch batch = ReadAll(*spool_).value();
  EXPECT_EQ(batch.records, Samples(1, 4));
  EXPECT_TRUE(batch.losses.empty());
  EXPECT_EQ(batch.through, 4u);
}

TEST_P(SpoolTest, NewOneIsEmpty) {
  EXPECT_TRUE(ReadAll(*spool_).value().empty());
  EXPECT_EQ(spool_->records(), 0u);
  EXPECT_EQ(spool_->bytes(), 0u);
  EXPECT_TRUE(spool_->Probe().ok());
  EXPECT_TRUE(Append(*spool_, {}).ok());
  EXPECT_THAT(Names(), ElementsAre("lock", "mark"));
}

TEST_P(SpoolTest, RecordsAreThereAfterARestart) {
  ASSERT_TRUE(Append(*spool_, Samples(1, 20)).ok());
  const std::uint64_t bytes = spool_->bytes();
  ASSERT_TRUE(Open().ok());
  EXPECT_EQ(spool_->records(), 20u);
  EXPECT_EQ(spool_->bytes(), bytes);
  ASSERT_TRUE(Append(*spool_, Samples(21, 20)).ok());
  EXPECT_EQ(ReadAll(*spool_).value().records, Samples(1, 40));
}

TEST_P(SpoolTest, BatchesAreBounded) {
  ASSERT_TRUE(Append(*spool_, Samples(1, 10)).ok());
  EXPECT_EQ(spool_->ReadBatch(3, SIZE_MAX).value().records, Samples(1, 3));
  const std::uint64_t two = spool_->bytes() / 10 * 2 + 50;
  EXPECT_EQ(spool_->ReadBatch(SIZE_MAX, two).value().records, Samples(1, 2));
  EXPECT_EQ(spool_->ReadBatch(SIZE_MAX, 1).value().records, Samples(1, 1));
}

TEST_P(SpoolTest, ReadsTheSameUntilItIsDiscarded) {
  ASSERT_TRUE(Append(*spool_, Samples(1, 10)).ok());
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(spool_->ReadBatch(3, SIZE_MAX).value().records, Samples(1, 3));
  }
  ASSERT_TRUE(spool_->Discard(2).ok());
  EXPECT_EQ(spool_->ReadBatch(3, SIZE_MAX).value().records, Samples(3, 3));
  ASSERT_TRUE(spool_->Discard(5).ok());
  EXPECT_EQ(ReadAll(*spool_).value().records, Samples(6, 5));
}

TEST_P(SpoolTest, WhatWasDiscardedIsGoneAfterARestart) {
  ASSERT_TRUE(Append(*spool_, Samples(1, 10)).ok());
  ASSERT_TRUE(ReadAll(*spool_).ok());
  ASSERT_TRUE(spool_->Discard(4).ok());
  ASSERT_TRUE(Open().ok());
  EXPECT_EQ(spool_->records(), 6u);
  EXPECT_EQ(ReadAll(*spool_).value().records, Samples(5, 6));
}

TEST_P(SpoolTest, DiscardTakesOnlyWhatWasRead) {
  ASSERT_TRUE(Append(*spool_, Samples(1, 3)).ok());
  EXPECT_EQ(spool_->Discard(1).code(), absl::StatusCode::kInvalidArgument);
  ASSERT_TRUE(spool_->ReadBatch(2, SIZE_MAX).ok());
  EXPECT_EQ(spool_->Discard(3).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(ReadAll(*spool_).value().records, Samples(1, 3));
}

TEST_P(SpoolTest, SpaceIsGivenBackAsTheMergeGoesOn) {
  for (std::uint64_t n = 1; n <= 100; ++n) {
    ASSERT_TRUE(Append(*spool_, Samples(n, 1)).ok());
  }
  EXPECT_GT(Names().size(), 8u);
  std::uint64_t bytes = spool_->bytes();
  std::vector<Record> read;
  while (spool_->records() > 0) {
    const SpoolBatch batch = spool_->ReadBatch(30, SIZE_MAX).value();
    read.insert(read.end(), batch.records.begin(), batch.records.end());
    ASSERT_TRUE(spool_->Discard(batch.through).ok());
    EXPECT_LT(spool_->bytes(), bytes);
    bytes = spool_->bytes();
  }
  EXPECT_EQ(read, Samples(1, 100));
  EXPECT_EQ(spool_->bytes(), 0u);
  EXPECT_THAT(Names(), ElementsAre("lock", "mark"));
}

TEST_P(SpoolTest, NumbersGoOnWhenItWasEmptyMeanwhile) {
  ASSERT_TRUE(Append(*spool_, Samples(1, 3)).ok());
  ASSERT_TRUE(Drain(*spool_, 2).ok());
  ASSERT_TRUE(Open().ok());
  ASSERT_TRUE(Append(*spool_, Samples(4, 1)).ok());
  EXPECT_EQ(ReadAll(*spool_).value().through, 4u);
  EXPECT_THAT(Names(), ElementsAre("000000000000004.spool", "lock", "mark"));
}

TEST_P(SpoolTest, NewRecordsMayComeWhileOlderOnesAreMerged) {
  std::vector<Record> read;
  std::uint64_t next = 1;
  for (int round = 0; round < 40; ++round) {
    ASSERT_TRUE(Append(*spool_, Samples(next, 3)).ok());
    next += 3;
    const SpoolBatch batch = spool_->ReadBatch(2, SIZE_MAX).value();
    ASSERT_TRUE(Append(*spool_, Samples(next++, 1)).ok());
    read.insert(read.end(), batch.records.begin(), batch.records.end());
    ASSERT_TRUE(spool_->Discard(batch.through).ok());
    if (round % 7 == 0) {
      ASSERT_TRUE(Open().ok());
    }
  }
  const SpoolBatch rest = Drain(*spool_, 5).value();
  read.insert(read.end(), rest.records.begin(), rest.records.end());
  EXPECT_EQ(read, Samples(1, next - 1));
}

TEST_P(SpoolTest, KnowsTheKeysOfWhatWaits) {
  ASSERT_TRUE(Append(*spool_, Samples(1, 10)).ok());
  ASSERT_TRUE(ReadAll(*spool_).ok());
  ASSERT_TRUE(spool_->Discard(4).ok());
  for (int restart = 0; restart < 2; ++restart) {
    for (std::uint64_t n = 1; n <= 11; ++n) {
      EXPECT_EQ(spool_->Contains(SampleKey(n)), n > 4 && n <= 10) << n;
    }
    ASSERT_TRUE(Open().ok());
  }
}

TEST_P(SpoolTest, KeyIsKnownAsLongAsOneOfItsRecordsWaits) {
  ASSERT_TRUE(Append(*spool_, Samples(1, 2)).ok());
  ASSERT_TRUE(Append(*spool_, Samples(1, 1)).ok());
  ASSERT_TRUE(ReadAll(*spool_).ok());
  ASSERT_TRUE(spool_->Discard(2).ok());
  EXPECT_TRUE(spool_->Contains(SampleKey(1)));
  EXPECT_FALSE(spool_->Contains(SampleKey(2)));
}

TEST_P(SpoolTest, SizeIsLimited) {
  bytes_max_ = 10'000;
  ASSERT_TRUE(Open().ok());
  std::uint64_t next = 1;
  absl::Status status;
  while (status.ok()) status = Append(*spool_, Samples(next++, 1));
  next -= 2;  // The last one was refused.
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(std::string(status.message()), HasSubstr(directory_));
  EXPECT_LE(spool_->bytes(), 10'000u);
  EXPECT_GT(spool_->bytes(), 9'000u);
  EXPECT_FALSE(spool_->Contains(SampleKey(next + 1)));
  EXPECT_EQ(Drain(*spool_, 7).value().records, Samples(1, next));
  EXPECT_TRUE(Append(*spool_, Samples(next, 1)).ok());
}

// All of a batch or nothing.
TEST_P(SpoolTest, BatchThatIsTooLargeIsRefusedWhole) {
  bytes_max_ = 10'000;
  ASSERT_TRUE(Open().ok());
  EXPECT_EQ(Append(*spool_, Samples(1, 100)).code(),
            absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(spool_->records(), 0u);
  EXPECT_TRUE(ReadAll(*spool_).value().empty());
}

TEST_P(SpoolTest, RecordOfTheLargestSizeFitsAndOneByteMoreDoesNot) {
  bytes_max_ = 1 << 30;
  ASSERT_TRUE(Open().ok());
  std::vector<Record> records = Samples(1, 1);
  records[0].body.clear();
  records[0].body.assign(kSpoolPayloadBytesMax - SpoolRecordBytes(records[0]),
                         'x');
  EXPECT_TRUE(Append(*spool_, records).ok());
  EXPECT_EQ(ReadAll(*spool_).value().records, records);
  records[0].body.push_back('x');
  EXPECT_EQ(Append(*spool_, records).code(),
            absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(spool_->records(), 1u);
}

TEST_P(SpoolTest, BatchLargerThanASegmentIsInOneFile) {
  ASSERT_TRUE(Append(*spool_, Samples(1, 100)).ok());
  ASSERT_TRUE(Append(*spool_, Samples(101, 1)).ok());
  EXPECT_THAT(Names(), ElementsAre("000000000000001.spool",
                                   "000000000000101.spool", "lock", "mark"));
  EXPECT_EQ(Drain(*spool_, 9).value().records, Samples(1, 101));
}

TEST_P(SpoolTest, SecondServerIsRefused) {
  const auto second = Spool::Open({.directory = directory_, .files = *files_});
  EXPECT_EQ(second.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(second.status().message()),
              HasSubstr(directory_ +
                        "/lock: another server holds this lock: "
                        "process " +
                        std::to_string(::getpid())));
}

TEST_P(SpoolTest, OtherFilesAreLeftAlone) {
  spool_.reset();
  for (const char* const name :
       {"lost+found", "1.spool", "00000000000000x.spool",
        "000000000000000.spool", "0000000000000001.spool", "notes"}) {
    ASSERT_TRUE(
        files_->Open(directory_ + "/" + name, FileSystem::OpenMode::kCreateNew)
            .ok());
  }
  ASSERT_TRUE(Open().ok());
  EXPECT_EQ(spool_->records(), 0u);
  ASSERT_TRUE(Append(*spool_, Samples(1, 1)).ok());
  ASSERT_TRUE(Drain(*spool_, 1).ok());
  EXPECT_EQ(Names().size(), 8u);
}

TEST_P(SpoolTest, ParentMustBeThere) {
  const auto opened =
      Spool::Open({.directory = directory_ + "/a/b", .files = *files_});
  EXPECT_EQ(opened.status().code(), absl::StatusCode::kNotFound);
}

INSTANTIATE_TEST_SUITE_P(
    Each, SpoolTest,
    ::testing::Values(
        Volume{"Folder",
               [] { return std::make_shared<base::PosixFileSystem>(); },
               [](const auto& folder) { return folder.path(); }},
        Volume{"Memory", [] { return std::make_shared<MemoryDisk>(1); },
               [](const auto&) { return std::string(); }}),
    [](const auto& test) { return test.param.name; });

TEST(SpoolFolderTest, IsForItsOwnerOnly) {
  const base::TemporaryDirectory parent;
  base::PosixFileSystem files;
  const auto spool =
      Spool::Open({.directory = parent / "spool", .files = files}).value();
  ASSERT_TRUE(Append(*spool, Samples(1, 1)).ok());
  for (const auto& [name, mode] :
       {std::pair("", 0700u), std::pair("/lock", 0600u),
        std::pair("/mark", 0600u),
        std::pair("/000000000000001.spool", 0600u)}) {
    struct stat about {};
    ASSERT_EQ(::stat((parent / "spool" + name).c_str(), &about), 0) << name;
    EXPECT_EQ(about.st_mode & 0777, mode) << name;
  }
}

}  // namespace
}  // namespace tuco::log

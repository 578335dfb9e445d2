#include "server/base/private_directory.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdint>
#include <fstream>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/base/posix_file_system.h"
#include "tests/server/base/memory_disk.h"
#include "tests/server/base/temporary_directory.h"

namespace tuco::base {
namespace {

using ::testing::HasSubstr;

unsigned ModeOf(const std::string& path) {
  struct stat about {};
  return ::stat(path.c_str(), &about) == 0 ? about.st_mode & 0777 : 0;
}

TEST(PrivateDirectoryTest, IsForItsOwnerOnly) {
  PosixFileSystem files;
  const TemporaryDirectory parent;
  for (const char* const name : {"a", "b/"}) {
    ASSERT_TRUE(MakePrivateDirectory(files, parent / name).ok()) << name;
    EXPECT_EQ(ModeOf(parent / name), 0700u) << name;
  }
}

TEST(PrivateDirectoryTest, LeavesOneThatIsThereAsItIs) {
  PosixFileSystem files;
  const TemporaryDirectory parent;
  ASSERT_EQ(::mkdir((parent / "a").c_str(), 0750), 0);
  const unsigned mode = ModeOf(parent / "a");
  EXPECT_TRUE(MakePrivateDirectory(files, parent / "a").ok());
  EXPECT_EQ(ModeOf(parent / "a"), mode);
}

// Whoever made it may have been killed before its name was synced.
TEST(PrivateDirectoryTest, NameOfOneThatIsThereIsSynced) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    MemoryDisk disk(seed);
    ASSERT_TRUE(disk.MakeDirectory("/a").ok());
    ASSERT_TRUE(MakePrivateDirectory(disk, "/a").ok());
    disk.CrashAfter(0, MemoryDisk::Crash::kPowerLoss);
    disk.Restart();
    EXPECT_EQ(disk.KindOf("/a").value(), FileSystem::PathKind::kDirectory);
  }
}

TEST(PrivateDirectoryTest, NameThatCannotBeSyncedIsNotVouchedFor) {
  MemoryDisk disk(1);
  for (int attempt = 0; attempt < 2; ++attempt) {
    disk.Inject({.operation = MemoryDisk::Operation::kSyncDirectory});
    EXPECT_EQ(MakePrivateDirectory(disk, "/a").code(),
              absl::StatusCode::kDataLoss);
  }
  EXPECT_TRUE(MakePrivateDirectory(disk, "/a").ok());
}

TEST(PrivateDirectoryTest, NeedsItsParent) {
  PosixFileSystem files;
  const TemporaryDirectory parent;
  const absl::Status status = MakePrivateDirectory(files, parent / "a/b");
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(status.message()), HasSubstr(parent / "a/b"));
}

TEST(PrivateDirectoryTest, FileOfThatNameIsNoFolder) {
  PosixFileSystem files;
  const TemporaryDirectory parent;
  std::ofstream(parent / "a") << "text";
  EXPECT_EQ(MakePrivateDirectory(files, parent / "a").code(),
            absl::StatusCode::kNotFound);
  EXPECT_EQ(MakePrivateDirectory(files, parent / "a/b").code(),
            absl::StatusCode::kNotFound);
}

TEST(CheckPrivateDirectoryTest, TakesWhatIsThereOrCanBeMadeAndMakesNothing) {
  const TemporaryDirectory parent;
  ASSERT_EQ(::mkdir((parent / "a").c_str(), 0700), 0);
  EXPECT_TRUE(CheckPrivateDirectory(parent / "a").ok());
  EXPECT_TRUE(CheckPrivateDirectory(parent / "b").ok());
  EXPECT_TRUE(CheckPrivateDirectory(parent / "b/").ok());
  EXPECT_EQ(ModeOf(parent / "b"), 0u);
}

TEST(CheckPrivateDirectoryTest, SaysWhatMakingItWouldSay) {
  PosixFileSystem files;
  const TemporaryDirectory parent;
  std::ofstream(parent / "file") << "mine";
  ASSERT_EQ(::symlink("nowhere", (parent / "link").c_str()), 0);
  for (const char* const name : {"file", "file/a", "absent/a", "link"}) {
    const absl::Status check = CheckPrivateDirectory(parent / name);
    EXPECT_FALSE(check.ok()) << name;
    EXPECT_EQ(check, MakePrivateDirectory(files, parent / name)) << name;
  }
}

}  // namespace
}  // namespace tuco::base

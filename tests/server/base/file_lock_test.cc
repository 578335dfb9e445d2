#include "server/base/file_lock.h"

#include <sys/stat.h>
#include <unistd.h>

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

TEST(FileLockTest, SecondHolderIsRefusedAndToldOfTheFirst) {
  PosixFileSystem files;
  const TemporaryDirectory directory;
  const auto first = FileLock::Acquire(files, directory / "lock");
  ASSERT_TRUE(first.ok()) << first.status();
  const auto second = FileLock::Acquire(files, directory / "lock");
  EXPECT_EQ(second.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(second.status().message()),
              HasSubstr("process " + std::to_string(::getpid())));
}

TEST(FileLockTest, IsFreeAgainOnceItsHolderIsGone) {
  PosixFileSystem files;
  const TemporaryDirectory directory;
  { ASSERT_TRUE(FileLock::Acquire(files, directory / "lock").ok()); }
  EXPECT_TRUE(FileLock::Acquire(files, directory / "lock").ok());
}

TEST(FileLockTest, MovesWithItsOwner) {
  PosixFileSystem files;
  const TemporaryDirectory directory;
  auto first = FileLock::Acquire(files, directory / "lock");
  ASSERT_TRUE(first.ok());
  {
    const FileLock owner = *std::move(first);
    EXPECT_FALSE(FileLock::Acquire(files, directory / "lock").ok());
  }
  EXPECT_TRUE(FileLock::Acquire(files, directory / "lock").ok());
}

TEST(FileLockTest, FileIsForItsOwnerOnlyAndHoldsTheProcessNumber) {
  PosixFileSystem files;
  const TemporaryDirectory directory;
  const auto lock = FileLock::Acquire(files, directory / "lock");
  struct stat about {};
  ASSERT_EQ(::stat((directory / "lock").c_str(), &about), 0);
  EXPECT_EQ(about.st_mode & 0777, 0600u);
  int pid = 0;
  std::ifstream(directory / "lock") >> pid;
  EXPECT_EQ(pid, ::getpid());
}

TEST(FileLockTest, FullDiskDoesNotMatter) {
  MemoryDisk disk(1);
  disk.SetCapacity(0);
  EXPECT_TRUE(FileLock::Acquire(disk, "/lock").ok());
  EXPECT_TRUE(FileLock::Acquire(disk, "/lock").ok());
}

TEST(FileLockTest, FolderThatIsNotThereIsNotFound) {
  PosixFileSystem files;
  const TemporaryDirectory directory;
  const auto lock = FileLock::Acquire(files, directory / "missing/lock");
  EXPECT_EQ(lock.status().code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(lock.status().message()),
              HasSubstr(directory / "missing/lock"));
}

}  // namespace
}  // namespace tuco::base

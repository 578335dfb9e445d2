#include "server/base/posix_file_system.h"

#include <sys/stat.h>
#include <unistd.h>

#include <memory>
#include <string>

#include "gtest/gtest.h"
#include "tests/server/base/file_system_contract.h"
#include "tests/server/base/temporary_directory.h"

namespace tuco::base {
namespace {

class PosixVolume final : public Volume {
 public:
  FileSystem& files() override { return files_; }
  std::string folder() const override { return directory_.path(); }

 private:
  PosixFileSystem files_;
  TemporaryDirectory directory_;
};

INSTANTIATE_TEST_SUITE_P(Posix, FileSystemContract,
                         ::testing::Values(VolumeMaker{
                             "posix",
                             [] { return std::make_unique<PosixVolume>(); }}));

unsigned ModeOf(const std::string& path) {
  struct stat about {};
  return ::stat(path.c_str(), &about) == 0 ? about.st_mode & 0777 : 0;
}

TEST(PosixFileSystemTest, WhatIsMadeIsForItsOwnerOnly) {
  const TemporaryDirectory directory;
  PosixFileSystem files;
  ASSERT_TRUE(
      files.Open(directory / "f", FileSystem::OpenMode::kCreateNew).ok());
  ASSERT_TRUE(files.MakeDirectory(directory / "d").ok());
  EXPECT_EQ(ModeOf(directory / "f"), 0600u);
  EXPECT_EQ(ModeOf(directory / "d"), 0700u);
}

TEST(PosixFileSystemTest, LinkThatLeadsNowhereIsNotNothing) {
  const TemporaryDirectory directory;
  PosixFileSystem files;
  ASSERT_EQ(::symlink("not mounted", (directory / "l").c_str()), 0);
  EXPECT_EQ(files.KindOf(directory / "l").value(), FileSystem::PathKind::kFile);
}

TEST(PosixFileSystemTest, DiskThatIsFullIsToldFromOneThatFails) {
  PosixFileSystem files;
  const auto full = files.Open("/dev/full", FileSystem::OpenMode::kReadWrite);
  if (!full.ok()) GTEST_SKIP() << full.status();
  EXPECT_EQ((*full)->WriteAt(0, "x").code(),
            absl::StatusCode::kResourceExhausted);
}

}  // namespace
}  // namespace tuco::base

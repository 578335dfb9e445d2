#include "server/base/private_directory.h"

#include <sys/stat.h>

#include <fstream>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/server/base/temporary_directory.h"

namespace tuco::base {
namespace {

using ::testing::HasSubstr;

unsigned ModeOf(const std::string& path) {
  struct stat about {};
  return ::stat(path.c_str(), &about) == 0 ? about.st_mode & 0777 : 0;
}

TEST(PrivateDirectoryTest, IsForItsOwnerOnly) {
  const TemporaryDirectory parent;
  for (const char* const name : {"a", "b/"}) {
    ASSERT_TRUE(MakePrivateDirectory(parent / name).ok()) << name;
    EXPECT_EQ(ModeOf(parent / name), 0700u) << name;
  }
}

TEST(PrivateDirectoryTest, LeavesOneThatIsThereAsItIs) {
  const TemporaryDirectory parent;
  ASSERT_EQ(::mkdir((parent / "a").c_str(), 0750), 0);
  const unsigned mode = ModeOf(parent / "a");
  EXPECT_TRUE(MakePrivateDirectory(parent / "a").ok());
  EXPECT_EQ(ModeOf(parent / "a"), mode);
}

TEST(PrivateDirectoryTest, NeedsItsParent) {
  const TemporaryDirectory parent;
  const absl::Status status = MakePrivateDirectory(parent / "a/b");
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(status.message()), HasSubstr(parent / "a/b"));
}

TEST(PrivateDirectoryTest, FileOfThatNameIsNoFolder) {
  const TemporaryDirectory parent;
  std::ofstream(parent / "a") << "text";
  EXPECT_EQ(MakePrivateDirectory(parent / "a").code(),
            absl::StatusCode::kNotFound);
  EXPECT_EQ(MakePrivateDirectory(parent / "a/b").code(),
            absl::StatusCode::kNotFound);
}

TEST(PrivateFileTest, IsForItsOwnerOnlyAndNew) {
  const TemporaryDirectory parent;
  ASSERT_TRUE(MakePrivateFile(parent / "f").ok());
  EXPECT_EQ(ModeOf(parent / "f"), 0600u);
  EXPECT_FALSE(MakePrivateFile(parent / "f").ok());
}

}  // namespace
}  // namespace tuco::base

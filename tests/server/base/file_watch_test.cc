#include "server/base/file_watch.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <optional>
#include <string>

#include "tests/server/base/temporary_directory.h"

namespace tuco::base {
namespace {

namespace fs = std::filesystem;

class FileWatchTest : public ::testing::Test {
 protected:
  std::string Path(const std::string& name) const {
    return folder_.path() + "/" + name;
  }
  static void Write(const std::string& path, const std::string& text) {
    std::ofstream(path) << text;
  }
  // What is told once nothing changes any more.
  static std::optional<std::string> Settled(FileWatch& watch) {
    EXPECT_EQ(watch.Poll(), std::nullopt);
    return watch.Poll();
  }

  const TemporaryDirectory folder_;
};

TEST_F(FileWatchTest, TellsNothingOfFilesThatAreWhatTheyWere) {
  Write(Path("a"), "text");
  FileWatch watch;
  watch.Add(Path("a"));
  watch.Add(Path("absent"));
  EXPECT_EQ(watch.Poll(), std::nullopt);
  EXPECT_EQ(watch.Poll(), std::nullopt);
}

TEST_F(FileWatchTest, TellsOfNewContent) {
  Write(Path("a"), "text");
  FileWatch watch;
  watch.Add(Path("a"));
  Write(Path("a"), "another");
  EXPECT_EQ(Settled(watch), Path("a"));
}

TEST_F(FileWatchTest, TellsOfAFileThatWasMovedIntoPlace) {
  Write(Path("a"), "text");
  FileWatch watch;
  watch.Add(Path("a"));
  Write(Path("next"), "text");
  fs::rename(Path("next"), Path("a"));
  EXPECT_EQ(Settled(watch), Path("a"));
}

// As Kubernetes changes a mounted secret: ..data leads to another folder.
TEST_F(FileWatchTest, TellsOfAFolderLinkThatLeadsElsewhere) {
  for (const char* const version : {"..v1", "..v2"}) {
    fs::create_directory(Path(version));
    Write(Path(std::string(version) + "/secret"), "text");
  }
  fs::create_symlink("..v1", Path("..data"));
  fs::create_symlink("..data/secret", Path("secret"));
  FileWatch watch;
  watch.Add(Path("secret"));
  fs::create_symlink("..v2", Path("..data_tmp"));
  fs::rename(Path("..data_tmp"), Path("..data"));
  EXPECT_EQ(Settled(watch), Path("secret"));
}

TEST_F(FileWatchTest, TellsOfAFileThatComesAndOneThatGoes) {
  Write(Path("goes"), "text");
  FileWatch watch;
  watch.Add(Path("comes"));
  Write(Path("comes"), "text");
  EXPECT_EQ(Settled(watch), Path("comes"));
  FileWatch other;
  other.Add(Path("goes"));
  fs::remove(Path("goes"));
  EXPECT_EQ(Settled(other), Path("goes"));
}

TEST_F(FileWatchTest, TellsOfOtherPermissions) {
  Write(Path("a"), "text");
  FileWatch watch;
  watch.Add(Path("a"));
  ASSERT_EQ(::chmod(Path("a").c_str(), 0400), 0);
  EXPECT_EQ(Settled(watch), Path("a"));
}

TEST_F(FileWatchTest, WaitsForWhoWritesByAndBy) {
  FileWatch watch;
  watch.Add(Path("a"));
  std::string text;
  for (int i = 0; i < 5; ++i) {
    Write(Path("a"), text += "more");
    EXPECT_EQ(watch.Poll(), std::nullopt);
  }
  EXPECT_EQ(watch.Poll(), Path("a"));
}

TEST_F(FileWatchTest, DoesNotWaitForEver) {
  FileWatch watch;
  watch.Add(Path("a"));
  std::string text;
  for (int i = 1; i < FileWatch::kUnsettledMax; ++i) {
    Write(Path("a"), text += "more");
    EXPECT_EQ(watch.Poll(), std::nullopt);
  }
  Write(Path("a"), text += "more");
  EXPECT_EQ(watch.Poll(), Path("a"));
}

TEST_F(FileWatchTest, GoesOnFromWhatAnotherSaw) {
  Write(Path("a"), "text");
  FileWatch old;
  old.Add(Path("a"));
  Write(Path("a"), "another");
  FileWatch next;
  next.Add(Path("a"));
  old.Add(next);
  EXPECT_EQ(old.Poll(), std::nullopt);
  EXPECT_EQ(old.Poll(), std::nullopt);
}

}  // namespace
}  // namespace tuco::base

// What every file system must do. The test of one includes this file once and
// instantiates the suite with itself.

#ifndef TUCO_TESTS_SERVER_BASE_FILE_SYSTEM_CONTRACT_H_
#define TUCO_TESTS_SERVER_BASE_FILE_SYSTEM_CONTRACT_H_

#include <functional>
#include <memory>
#include <ostream>
#include <string>
#include <utility>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/base/file_system.h"

namespace tuco::base {

// A file system with an empty folder.
class Volume {
 public:
  virtual ~Volume() = default;
  virtual FileSystem& files() = 0;
  virtual std::string folder() const = 0;
};

struct VolumeMaker {
  std::string name;
  std::function<std::unique_ptr<Volume>()> make;

  friend void PrintTo(const VolumeMaker& maker, std::ostream* out) {
    *out << maker.name;
  }
};

class FileSystemContract : public ::testing::TestWithParam<VolumeMaker> {
 protected:
  using Mode = FileSystem::OpenMode;
  using Kind = FileSystem::PathKind;

  FileSystem& files() { return volume_->files(); }
  std::string Path(const std::string& name) const {
    return volume_->folder() + "/" + name;
  }
  std::unique_ptr<File> Make(const std::string& name,
                             const std::string& bytes = "") {
    auto file = files().Open(Path(name), Mode::kCreateNew).value();
    EXPECT_TRUE(file->Append(bytes).ok());
    return file;
  }
  static std::string ReadFrom(const File& file, std::uint64_t offset,
                              std::size_t size) {
    std::string bytes(size, '?');
    bytes.resize(file.ReadAt(offset, bytes).value());
    return bytes;
  }
  std::string Content(const std::string& name) {
    return ReadFrom(*files().Open(Path(name), Mode::kRead).value(), 0, 100);
  }
  absl::StatusCode CodeOfOpening(const std::string& name, Mode mode) {
    return files().Open(Path(name), mode).status().code();
  }

  const std::unique_ptr<Volume> volume_ = GetParam().make();
};

TEST_P(FileSystemContract, WhatIsWrittenIsRead) {
  const auto file = Make("f");
  EXPECT_TRUE(file->WriteAt(2, "cdef").ok());
  EXPECT_TRUE(file->WriteAt(3, "D").ok());
  EXPECT_TRUE(file->Append("g").ok());
  EXPECT_TRUE(file->Sync().ok());
  EXPECT_TRUE(files().SyncDirectory(volume_->folder()).ok());
  EXPECT_EQ(file->Size().value(), 7u);
  EXPECT_EQ(ReadFrom(*file, 0, 100), std::string("\0\0cDefg", 7));
  EXPECT_EQ(ReadFrom(*file, 3, 2), "De");
  EXPECT_EQ(ReadFrom(*file, 7, 1), "");
  EXPECT_EQ(ReadFrom(*file, 100, 1), "");
}

TEST_P(FileSystemContract, SizeChangesBothWays) {
  const auto file = Make("f", "abcdef");
  EXPECT_TRUE(file->Truncate(2).ok());
  EXPECT_EQ(Content("f"), "ab");
  EXPECT_TRUE(file->Truncate(4).ok());
  EXPECT_EQ(Content("f"), std::string("ab\0\0", 4));
}

TEST_P(FileSystemContract, EachModeOpensWhatItSays) {
  EXPECT_EQ(CodeOfOpening("f", Mode::kRead), absl::StatusCode::kNotFound);
  EXPECT_EQ(CodeOfOpening("f", Mode::kReadWrite), absl::StatusCode::kNotFound);
  EXPECT_EQ(CodeOfOpening("f", Mode::kReadWriteOrCreate),
            absl::StatusCode::kOk);
  EXPECT_EQ(CodeOfOpening("f", Mode::kCreateNew),
            absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(CodeOfOpening("g", Mode::kCreateNew), absl::StatusCode::kOk);
  EXPECT_EQ(CodeOfOpening("none/f", Mode::kCreateNew),
            absl::StatusCode::kNotFound);
  const auto file = files().Open(Path("f"), Mode::kRead).value();
  EXPECT_FALSE(file->WriteAt(0, "x").ok());
  EXPECT_EQ(Content("f"), "");
}

TEST_P(FileSystemContract, KindTellsFilesFromFolders) {
  Make("f");
  ASSERT_TRUE(files().MakeDirectory(Path("d")).ok());
  EXPECT_EQ(files().KindOf(Path("f")).value(), Kind::kFile);
  EXPECT_EQ(files().KindOf(Path("d")).value(), Kind::kDirectory);
  EXPECT_EQ(files().KindOf(Path("g")).value(), Kind::kNothing);
  EXPECT_EQ(files().KindOf(Path("g/h")).value(), Kind::kNothing);
  EXPECT_EQ(files().KindOf(Path("f/h")).value(), Kind::kNothing);
}

TEST_P(FileSystemContract, FolderIsMadeOnceAndInsideAnother) {
  EXPECT_TRUE(files().MakeDirectory(Path("d")).ok());
  EXPECT_EQ(files().MakeDirectory(Path("d")).code(),
            absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(files().MakeDirectory(Path("e/d")).code(),
            absl::StatusCode::kNotFound);
}

TEST_P(FileSystemContract, NamesAreListedInOrder) {
  Make("b");
  Make("a");
  ASSERT_TRUE(files().MakeDirectory(Path("c")).ok());
  EXPECT_THAT(files().List(volume_->folder()).value(),
              ::testing::ElementsAre("a", "b", "c"));
  EXPECT_EQ(files().List(Path("none")).status().code(),
            absl::StatusCode::kNotFound);
}

TEST_P(FileSystemContract, RenameTakesThePlaceOfWhatWasThere) {
  Make("a", "new");
  Make("b", "old");
  EXPECT_TRUE(files().Rename(Path("a"), Path("b")).ok());
  EXPECT_EQ(Content("b"), "new");
  EXPECT_EQ(files().KindOf(Path("a")).value(), Kind::kNothing);
  EXPECT_EQ(files().Rename(Path("a"), Path("b")).code(),
            absl::StatusCode::kNotFound);
}

TEST_P(FileSystemContract, RemovedFileStaysWithThoseWhoHaveItOpen) {
  const auto file = Make("f", "text");
  EXPECT_TRUE(files().Remove(Path("f")).ok());
  EXPECT_EQ(files().Remove(Path("f")).code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(ReadFrom(*file, 0, 100), "text");
}

TEST_P(FileSystemContract, LockIsHeldUntilItsFileIsClosed) {
  auto first = Make("lock");
  EXPECT_TRUE(first->TryLock().ok());
  EXPECT_TRUE(first->TryLock().ok());
  const auto second = files().Open(Path("lock"), Mode::kReadWrite).value();
  EXPECT_EQ(second->TryLock().code(), absl::StatusCode::kUnavailable);
  first.reset();
  EXPECT_TRUE(second->TryLock().ok());
}

TEST_P(FileSystemContract, SpaceIsThatOfTheVolume) {
  const VolumeSpace space = files().SpaceAt(volume_->folder()).value();
  EXPECT_GT(space.total_bytes, 0u);
  EXPECT_LE(space.free_bytes, space.total_bytes);
  EXPECT_EQ(files().SpaceAt(Path("none")).status().code(),
            absl::StatusCode::kNotFound);
}

TEST_P(FileSystemContract, SizeIsTheFilesAlsoWhileItIsOpen) {
  const auto file = Make("f", "abc");
  EXPECT_EQ(files().SizeOf(Path("f")).value(), 3u);
  ASSERT_TRUE(file->Append("de").ok());
  EXPECT_EQ(files().SizeOf(Path("f")).value(), 5u);
  EXPECT_EQ(files().SizeOf(Path("none")).status().code(),
            absl::StatusCode::kNotFound);
}

TEST_P(FileSystemContract, MessagesNameThePath) {
  const absl::Status status = files().Open(Path("f"), Mode::kRead).status();
  EXPECT_THAT(static_cast<std::string>(status.message()),
              ::testing::HasSubstr(Path("f")));
}

}  // namespace tuco::base

#endif  // TUCO_TESTS_SERVER_BASE_FILE_SYSTEM_CONTRACT_H_

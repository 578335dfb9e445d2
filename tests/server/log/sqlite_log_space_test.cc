// What a log takes of a real disk, and what it does where there is no more.

#include <sys/mount.h>
#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/log/event_log.h"
#include "tests/server/base/fake_clock.h"
#include "tests/server/base/temporary_directory.h"
#include "tests/server/log/log_in_folder.h"
#include "tests/server/log/sample_records.h"

namespace tuco::log {
namespace {

using ::testing::SizeIs;

class SqliteLogSpaceTest : public ::testing::Test {
 protected:
  void Open() {
    auto log = OpenLogIn(directory_.path(), clock_);
    ASSERT_TRUE(log.ok()) << log.status();
    log_ = *std::move(log);
  }

  base::TemporaryDirectory directory_;
  base::FakeClock clock_;
  std::unique_ptr<EventLog> log_;
};

TEST_F(SqliteLogSpaceTest, WriteAheadLogStaysBoundedWhileOthersRead) {
  Open();
  std::atomic<bool> done = false;
  std::vector<std::thread> readers;
  readers.reserve(3);
  for (int i = 0; i < 3; ++i) {
    readers.emplace_back([this, &done] {
      std::uint64_t after = 0;
      while (!done) {
        auto read = log_->Read({.after = after, .bytes_max = 8 << 20}, {},
                               [](const RecordColumns&) {});
        ASSERT_TRUE(read.ok()) << read.status();
        after = *read == after ? 0 : *read;
      }
    });
  }
  std::uintmax_t wal_bytes_max = 0;
  for (std::uint64_t batch = 0; batch < 150; ++batch) {
    std::vector<Record> records(32, SampleRecord(batch));
    for (Record& record : records) record.body.assign(32 << 10, 'x');
    ASSERT_TRUE(Append(*log_, records).ok());
    log_->AfterAppend();
    wal_bytes_max =
        std::max(wal_bytes_max,
                 std::filesystem::file_size(directory_ / "events.db-wal"));
  }
  done = true;
  for (std::thread& reader : readers) reader.join();
  EXPECT_GT(std::filesystem::file_size(directory_ / "events.db"), 100u << 20);
  EXPECT_LE(wal_bytes_max, 64u << 20);
}

// Lets no file of this process grow beyond `bytes` as long as it lives.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes)
      : handler_before_(::signal(SIGXFSZ, SIG_IGN)) {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit{.rlim_cur = bytes, .rlim_max = before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FileSizeLimit() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    ::signal(SIGXFSZ, handler_before_);
  }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;

 private:
  rlimit before_{};
  const sighandler_t handler_before_;
};

// SQLite calls it an I/O error, as it does a quota that is reached.
TEST_F(SqliteLogSpaceTest, LimitOfTheFileSizeIsNoFailureOfTheDisk) {
  Open();
  ASSERT_TRUE(AppendSamples(*log_, 1, 1).ok());
  std::vector<Record> records(40, SampleRecord(2));
  for (Record& record : records) record.body.assign(256 << 10, 'x');
  {
    const FileSizeLimit limit(1 << 20);
    EXPECT_EQ(Append(*log_, records).code(),
              absl::StatusCode::kResourceExhausted);
  }
  EXPECT_TRUE(Append(*log_, records).ok());
  {
    const FileSizeLimit limit(1 << 20);
    log_->AfterAppend();
  }
  EXPECT_TRUE(AppendSamples(*log_, 42, 1).ok());
  EXPECT_THAT(ReadAll(*log_).records, SizeIs(42));
}

// A real disk of 4 MiB, where this process may have one.
class SmallDisk {
 public:
  explicit SmallDisk(const std::string& path)
      : path_(path),
        mounted_(::mount("tmpfs", path.c_str(), "tmpfs", 0, "size=4m") == 0) {}
  ~SmallDisk() {
    if (mounted_) ::umount2(path_.c_str(), MNT_DETACH);
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;
  bool mounted() const { return mounted_; }

 private:
  const std::string path_;
  const bool mounted_;
};

TEST_F(SqliteLogSpaceTest, WorkGoesOnWhenAFullDiskHasSpaceAgain) {
  const SmallDisk disk(directory_.path());
  if (!disk.mounted()) GTEST_SKIP() << "may not mount: " << errno;
  std::ofstream(directory_ / "ballast") << std::string(1 << 20, 'x');
  Open();
  std::uint64_t appended = 0;
  absl::Status status;
  while (status.ok()) {
    std::vector<Record> records = {SampleRecord(appended + 1)};
    records[0].body.assign(50'000, 'x');
    status = Append(*log_, records);
    log_->AfterAppend();
    if (status.ok()) ++appended;
    ASSERT_LT(appended, 1000u);
  }
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_TRUE(log_->Probe().ok());
  EXPECT_EQ(log_->bounds().head, appended);
  EXPECT_THAT(ReadAll(*log_).records, SizeIs(appended));
  std::filesystem::remove(directory_ / "ballast");
  const auto records = AppendSamples(*log_, appended + 1, 1);
  ASSERT_TRUE(records.ok()) << records.status();
  EXPECT_EQ(records->at(0).sequence, appended + 1);
  log_.reset();
  Open();
  EXPECT_THAT(ReadAll(*log_).records, SizeIs(appended + 1));
  log_.reset();
}

}  // namespace
}  // namespace tuco::log

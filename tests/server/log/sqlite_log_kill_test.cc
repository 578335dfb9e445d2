// A server that is killed at any moment loses nothing it acknowledged.
//
// It cannot show that data was synced, since the kernel keeps what a killed
// process wrote; sqlite_log_faults_test.cc looks at the syncs.

#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "server/log/event_log.h"
#include "tests/server/base/fake_clock.h"
#include "tests/server/base/temporary_directory.h"
#include "tests/server/log/log_in_folder.h"
#include "tests/server/log/sample_records.h"

namespace tuco::log {
namespace {

// Appends batches for ever and writes each new head to `acknowledgements`.
[[noreturn]] void RunServer(const std::string& directory,
                            int acknowledgements) {
  const base::FakeClock clock;
  const auto log = OpenLogIn(directory, clock);
  if (!log.ok()) ::_exit(1);
  while (true) {
    const std::uint64_t next = (*log)->bounds().head + 1;
    std::vector<Record> records;
    for (std::uint64_t n = next; n <= next + next % 7; ++n) {
      records.push_back(SampleRecord(n));
      records.back().body.assign(n * 997 % 60'000, 'x');
    }
    if (!Append(**log, records).ok()) ::_exit(1);
    const std::uint64_t head = records.back().sequence;
    if (::write(acknowledgements, &head, sizeof(head)) != sizeof(head)) {
      ::_exit(1);
    }
    (*log)->AfterAppend();
  }
}

// Starts a server, kills it some time after `count` acknowledgements, and
// yields the last of all that it wrote.
std::uint64_t RunAndKillServer(const std::string& directory, int count) {
  std::array<int, 2> ends;
  if (::pipe(ends.data()) != 0) return 0;
  const pid_t child = ::fork();
  if (child == 0) {
    ::close(ends[0]);
    RunServer(directory, ends[1]);
  }
  ::close(ends[1]);
  std::uint64_t head = 0;
  for (int seen = 0; ::read(ends[0], &head, sizeof(head)) == sizeof(head);) {
    if (++seen == count) ::kill(child, SIGKILL);
  }
  ::close(ends[0]);
  ::waitpid(child, nullptr, 0);
  return head;
}

TEST(SqliteLogKillTest, NothingAcknowledgedIsMissing) {
  const base::TemporaryDirectory directory;
  const base::FakeClock clock;
  std::mt19937 random(20'261'123);
  std::uint64_t head_before = 0;
  for (int cycle = 0; cycle < 10; ++cycle) {
    const int count = std::uniform_int_distribution(1, 60)(random);
    const std::uint64_t acknowledged =
        RunAndKillServer(directory / "log", count);
    ASSERT_GT(acknowledged, head_before);
    const auto log = OpenLogIn(directory / "log", clock);
    ASSERT_TRUE(log.ok()) << log.status();
    head_before = (*log)->bounds().head;
    EXPECT_GE(head_before, acknowledged);
    const ReadResult read = ReadAll(**log);
    ASSERT_EQ(read.scanned_through.value(), head_before);
    ASSERT_EQ(read.records.size(), head_before);
    for (const Record& record : read.records) {
      ASSERT_EQ(record.event, "event " + std::to_string(record.sequence));
      ASSERT_EQ(record.body.size(), record.sequence * 997 % 60'000);
    }
  }
}

}  // namespace
}  // namespace tuco::log

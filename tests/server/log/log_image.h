// The files of a log as they were at one moment, and what the log had promised
// until then: what a campaign damages, and what it compares with.

#ifndef TUCO_TESTS_SERVER_LOG_LOG_IMAGE_H_
#define TUCO_TESTS_SERVER_LOG_LOG_IMAGE_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "server/log/event_log.h"
#include "server/log/record.h"
#include "server/log/subscription.h"
#include "tests/server/base/disk_content.h"
#include "tests/server/base/fake_clock.h"
#include "tests/server/base/memory_disk.h"
#include "tests/server/log/sqlite_vfs.h"
#include "tests/server/log/subscription_model.h"

namespace tuco::log {

// The contents of files in the log's folder, by name.
using LogFiles = std::map<std::string, std::string>;

inline constexpr char kMainFile[] = "events.db";
inline constexpr char kWalFile[] = "events.db-wal";
inline constexpr char kMarkFile[] = "mark";

// A value.
struct LogImage {
  LogFiles files;  // Of those above, the ones that were there.
  // What was acknowledged, in order, as it was appended; what was removed
  // since, or forgotten, is there as well.
  std::vector<Record> records;
  std::uint64_t first = 1;  // That was not removed.
  // The changes of subscriptions that were acknowledged, a commit each.
  std::vector<SubscriptionChange> changes;
  std::vector<Gap> gaps;
  std::uint64_t epoch = 1;
};

// A log that is written to and never damaged, of which images are taken. One
// thread at a time. The same seed makes the same log.
class LogHistory {
 public:
  explicit LogHistory(std::uint64_t seed);
  LogHistory(const LogHistory&) = delete;
  LogHistory& operator=(const LogHistory&) = delete;

  // Appends `count` records in batches of up to `batch_max`, bodies of up to
  // `body_bytes_max`, with a change of a subscription or not, and does what is
  // due after each.
  void Append(std::size_t count, std::size_t batch_max = 3,
              std::size_t body_bytes_max = 600);
  // Removes that many of the oldest records, and forgets as many keys.
  void Prune(std::size_t count);
  // Appends some records, loses them, and begins the epoch that follows.
  void LoseSome();
  // Closes the log as a server does that stops; the next call opens it.
  void Close() { log_.reset(); }

  // The files as a process would leave them that is killed now, or that has
  // ended if the log is closed.
  LogImage Image() const;

 private:
  void Open();

  base::MemoryDisk disk_;
  base::DiskChance chance_;
  SqliteVfs vfs_{disk_};
  base::FakeClock clock_;
  std::unique_ptr<EventLog> log_;
  std::uint64_t next_number_ = 1;
  LogImage promised_;  // But for its files.
  SubscriptionModel subscriptions_;
};

// Puts `files` into an empty folder "/log" of `disk`.
void PutLogFiles(const LogFiles& files, base::MemoryDisk& disk);

}  // namespace tuco::log

#endif  // TUCO_TESTS_SERVER_LOG_LOG_IMAGE_H_

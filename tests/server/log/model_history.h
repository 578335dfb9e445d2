// One log, one model (log_model.h), and a random history of both: whatever is
// done to the log is done to the model, and what the log answers is compared.
//
//   append, directly or by way of a committer: new records, records that are
//   there, several of them at once, copies among them, messages that come again
//   read by any filter, limits and position; ask for times and for keys
//   create subscriptions, change and remove them, with a batch or alone; read
//   them and what they have parked
//   remove old records; forget keys
//   set the clock by seconds, minutes or days, to 1970 and to 2038
//   close and open; put an older copy of the files back
//   let the disk fail, fill up, become read-only; let the process die or the
//   power fail, at once or at any later call to the disk

#ifndef TUCO_TESTS_SERVER_LOG_MODEL_HISTORY_H_
#define TUCO_TESTS_SERVER_LOG_MODEL_HISTORY_H_

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "server/log/committer.h"
#include "server/log/event_log.h"
#include "tests/server/base/disk_content.h"
#include "tests/server/base/fake_clock.h"
#include "tests/server/base/memory_disk.h"
#include "tests/server/log/log_model.h"
#include "tests/server/log/paced_log.h"
#include "tests/server/log/sqlite_vfs.h"

namespace tuco::log {

// One thread at a time. The same seed does the same again.
class ModelHistory {
 public:
  enum class Backend : std::uint8_t { kSqlite, kMemory };

  ModelHistory(Backend backend, std::uint64_t seed);
  ~ModelHistory();
  ModelHistory(const ModelHistory&) = delete;
  ModelHistory& operator=(const ModelHistory&) = delete;

  // Does so many random things, and returns in words what the log did wrong.
  std::string Run(std::uint64_t operations);

  // What was done, by its name.
  const std::map<std::string, std::uint64_t>& counts() const { return counts_; }
  base::MemoryDisk& disk() { return disk_; }

 private:
  class ModelledLog;
  struct Submission;

  void Step();
  void Append();
  void AppendDirectly(std::vector<Record> batch,
                      const std::vector<SubscriptionChange>& changes);
  void Submit(std::vector<Submission> submissions,
              std::vector<SubscriptionChange> changes);
  void CompareAnswers(const std::vector<Submission>& submissions,
                      bool troubled);
  void Read();
  void AskForATime();
  void AskForAKey();
  void ReadSubscriptions();
  void RemoveOldest();
  void ForgetKeys();
  void SetClock();
  void MakeTrouble();
  void EndTrouble();
  void TakeCopy();
  void PutCopyBack();

  absl::Status Open();
  void StartCommitter();
  void Close();
  // Closes the log, as a crash does or in order, opens it on a disk that
  // works, and compares everything.
  void Recover();
  // Compares everything with the model, or with what it would be if what was
  // in doubt at the end is there.
  std::string CheckReopened(const std::vector<Record>& in_doubt,
                            const std::vector<SubscriptionChange>& changes);
  // Whether anything may fail now.
  bool Troubled() const;

  ReadRequest SomeRequest();
  std::uint64_t SomeRows();
  Record NewRecord();
  void Count(const char* what) { ++counts_[what]; }
  void Wrong(std::string what);

  const Backend backend_;
  base::DiskChance chance_;
  base::MemoryDisk disk_;
  SqliteVfs vfs_{disk_};
  base::FakeClock clock_;
  LogModel model_;
  std::uint64_t next_number_ = 1;

  std::unique_ptr<ModelledLog> log_;
  std::atomic<bool> failed_ = false;      // As the committer says.
  std::unique_ptr<Committer> committer_;  // None: appends are direct.
  bool rests_ = false;       // Whether its thread does, from the first turn on.
  bool restricted_ = false;  // The disk is full or read-only.
  bool armed_ = false;       // A crash will come.

  struct Copy {
    std::map<std::string, std::string> files;
    LogModel model;
  };
  std::optional<Copy> copy_;

  std::map<std::string, std::uint64_t> counts_;
  std::string wrong_;
};

}  // namespace tuco::log

#endif  // TUCO_TESTS_SERVER_LOG_MODEL_HISTORY_H_

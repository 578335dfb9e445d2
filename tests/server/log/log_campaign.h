// A log on a disk that anything may happen to, and a journal of what the log
// promised, kept where nothing happens.
//
// A campaign appends until something goes wrong, opens the log again, and asks
// whether every promise holds. It says in words what does not, so that a test
// of the campaign itself can expect it to fail.

#ifndef TUCO_TESTS_SERVER_LOG_LOG_CAMPAIGN_H_
#define TUCO_TESTS_SERVER_LOG_LOG_CAMPAIGN_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "server/log/event_log.h"
#include "server/log/record.h"
#include "server/log/subscription.h"
#include "tests/server/base/disk_content.h"
#include "tests/server/base/fake_clock.h"
#include "tests/server/base/memory_disk.h"
#include "tests/server/log/sqlite_vfs.h"
#include "tests/server/log/subscription_model.h"

namespace tuco::log {

// How often a campaign tries, and the first seed of its disks: what the
// environment variables TUCO_CRASH_CYCLES and TUCO_CRASH_SEED say, else
// `otherwise`, which is little enough for every run of the tests, and 1.
int CampaignCycles(int otherwise = 400);
std::uint64_t CampaignSeed();
// The same of any other number that `variable` says.
std::uint64_t CampaignNumber(const char* variable, std::uint64_t otherwise);

// One thread at a time. The same seed does the same again.
class LogCampaign {
 public:
  explicit LogCampaign(std::uint64_t seed)
      : disk_(seed), chance_(seed + 1), vfs_(disk_) {}
  ~LogCampaign() { Close(); }
  LogCampaign(const LogCampaign&) = delete;
  LogCampaign& operator=(const LogCampaign&) = delete;

  base::MemoryDisk& disk() { return disk_; }
  base::DiskChance& chance() { return chance_; }
  // None while it is closed.
  EventLog* log() { return log_.get(); }
  const std::string& vfs() const { return vfs_.name(); }

  // Opens the log, which may fail and change nothing.
  absl::Status Open();
  void Close() { log_.reset(); }

  // Appends up to `records_max` random records, of which some are large, or
  // those again that were refused the last time, with changes of subscriptions
  // or not, or such changes alone, and does what is due then. What was
  // acknowledged is in the journal.
  absl::Status AppendBatch(std::size_t records_max = 8);

  // What the journal has.
  std::size_t promised() const { return promised_.size(); }
  // The tables of subscriptions are gone, and are made anew.
  void ForgetSubscriptions() { subscriptions_ = {}; }

  // Reads everything. Says what is not as promised, nothing when all is:
  //  - what was acknowledged is there, bit for bit, under its sequence;
  //  - so is what the log showed before;
  //  - besides, at most one batch that was refused is there, and whole;
  //  - subscriptions are as the batches left them that are there;
  //  - no key is there twice, and each record's is.
  // With `reopened` a refused batch may be there, and is promised from now on.
  std::string Check(bool reopened);

 private:
  struct Refused {
    std::vector<Record> records;
    std::vector<SubscriptionChange> changes;
  };

  std::vector<Record> NewBatch(std::size_t records_max);
  std::string Compare(const std::vector<Record>& found, bool reopened);
  bool TakeRefused(const std::vector<Record>& found);
  std::string CompareSubscriptions(bool reopened);
  std::string CompareKeys();
  void Forget(const std::vector<Record>& batch);

  base::MemoryDisk disk_;
  base::DiskChance chance_;
  SqliteVfs vfs_;
  base::FakeClock clock_;
  std::unique_ptr<EventLog> log_;

  std::uint64_t next_number_ = 1;
  std::vector<Record> promised_;  // By sequence, from 1.
  // Refused since the log was opened; any of them may be found later.
  std::vector<Refused> refused_;
  std::vector<Record> again_;
  SubscriptionModel subscriptions_;  // Promised.
};

}  // namespace tuco::log

#endif  // TUCO_TESTS_SERVER_LOG_LOG_CAMPAIGN_H_

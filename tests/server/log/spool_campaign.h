// A spool on a disk that anything may happen to, and a journal of what it
// promised, kept where nothing happens: what LogCampaign is for the log.

#ifndef TUCO_TESTS_SERVER_LOG_SPOOL_CAMPAIGN_H_
#define TUCO_TESTS_SERVER_LOG_SPOOL_CAMPAIGN_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "server/log/record.h"
#include "server/log/spool.h"
#include "tests/server/base/disk_content.h"
#include "tests/server/base/memory_disk.h"

namespace tuco::log {

// One thread at a time. The same seed does the same again.
class SpoolCampaign {
 public:
  explicit SpoolCampaign(std::uint64_t seed);

  base::MemoryDisk& disk() { return disk_; }
  base::DiskChance& chance() { return chance_; }
  // None while it is closed.
  Spool* spool() { return spool_.get(); }

  // Opens the spool, which may fail and change nothing.
  absl::Status Open();
  void Close() { spool_.reset(); }

  // Appends some random records, of which some are large, or those again that
  // were refused the last time. What was acknowledged is in the journal.
  absl::Status AppendBatch();

  // Reads some records and discards them, or some of them. What was not as
  // promised is remembered for Check.
  absl::Status MergeBatch();

  // What the journal has.
  std::size_t promised() const { return promised_.size(); }

  // Reads everything. Says what is not as promised, nothing when all is:
  //  - what was acknowledged and not merged is there, unchanged and in order,
  //    and nothing else is;
  //  - its keys are known, those of all other records are not.
  // With `reopened`, records that were merged may be there again, the newest
  // ones of them; and behind all others records that were refused, which are
  // promised from now on.
  std::string Check(bool reopened);

 private:
  std::vector<Record> NewBatch();
  std::string Compare(const SpoolBatch& batch, bool reopened);
  bool TakeRefused(const Record& record);
  std::string CompareKeys() const;

  base::MemoryDisk disk_;
  base::DiskChance chance_;
  const std::uint64_t segment_bytes_;
  std::unique_ptr<Spool> spool_;

  std::uint64_t next_sample_ = 1;
  std::vector<Record> promised_;  // By number, from 1.
  std::size_t merged_ = 0;        // So many of them are not there.
  // So many were discarded at some time. A mark that says so may come back.
  std::size_t discarded_ = 0;
  // Refused since the spool was opened; any of them may be found later.
  std::vector<Record> refused_;
  std::vector<Record> again_;
  std::string wrong_;
};

}  // namespace tuco::log

#endif  // TUCO_TESTS_SERVER_LOG_SPOOL_CAMPAIGN_H_

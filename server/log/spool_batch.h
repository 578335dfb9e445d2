// Records on their way from the spool to the log.

#ifndef TUCO_SERVER_LOG_SPOOL_BATCH_H_
#define TUCO_SERVER_LOG_SPOOL_BATCH_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "server/log/record.h"

namespace tuco::log {

// What one read of the spool yields, oldest first.
struct SpoolBatch {
  std::vector<Record> records;
  // What is not legible any more, each DataLoss with a message that names the
  // file, the offset, how many bytes are damaged and which records they were.
  std::vector<absl::Status> losses;
  // The newest record that the batch covers, lost or not; for Discard.
  std::uint64_t through = 0;

  bool empty() const { return records.empty() && losses.empty(); }
};

// Gathers a batch, in the order of the records' numbers, within its limits.
// One thread at a time.
class SpoolBatchMaker {
 public:
  // Of what is behind record `through`.
  SpoolBatchMaker(std::uint64_t through, std::size_t records_max,
                  std::size_t bytes_max)
      : records_max_(records_max), bytes_max_(bytes_max) {
    batch_.through = through;
  }

  // Whether nothing more fits.
  bool full() const { return full_; }
  std::uint64_t through() const { return batch_.through; }

  // Takes record `number`, which is in a frame of `bytes`. False when it does
  // not fit.
  bool Take(std::uint64_t number, Record record, std::uint64_t bytes);

  // Notes that the records up to `last` are lost, unless all of them are before
  // the batch: `what` is damaged or gone.
  void Lose(const std::string& what, std::uint64_t last);

  SpoolBatch Finish() { return std::move(batch_); }

 private:
  void Count();

  const std::size_t records_max_;
  const std::size_t bytes_max_;
  SpoolBatch batch_;
  std::uint64_t bytes_ = 0;
  bool full_ = false;
};

}  // namespace tuco::log

#endif  // TUCO_SERVER_LOG_SPOOL_BATCH_H_

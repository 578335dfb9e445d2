// Records, frames and spools for tests of the spool.

#ifndef TUCO_TESTS_SERVER_LOG_SPOOL_SAMPLES_H_
#define TUCO_TESTS_SERVER_LOG_SPOOL_SAMPLES_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/log/spool.h"
#include "tests/server/log/sample_records.h"

namespace tuco::log {

// The sample records `first` to `first + count - 1`.
inline std::vector<Record> Samples(std::uint64_t first, std::size_t count) {
  std::vector<Record> records;
  records.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    records.push_back(SampleRecord(first + i));
  }
  return records;
}

inline absl::Status Append(Spool& spool, const std::vector<Record>& records) {
  std::vector<const Record*> pointers;
  pointers.reserve(records.size());
  for (const Record& record : records) pointers.push_back(&record);
  return spool.Append(pointers);
}

inline absl::StatusOr<SpoolBatch> ReadAll(Spool& spool) {
  return spool.ReadBatch(SIZE_MAX, SIZE_MAX);
}

// What is read of `spool` until it is empty, in batches of `records_max`, each
// discarded once it was read.
inline absl::StatusOr<SpoolBatch> Drain(Spool& spool, std::size_t records_max) {
  SpoolBatch all;
  while (true) {
    absl::StatusOr<SpoolBatch> batch = spool.ReadBatch(records_max, SIZE_MAX);
    if (!batch.ok()) return batch.status();
    if (batch->empty()) return all;
    for (Record& record : batch->records) {
      all.records.push_back(std::move(record));
    }
    for (absl::Status& loss : batch->losses) {
      all.losses.push_back(std::move(loss));
    }
    all.through = batch->through;
    absl::Status discarded = spool.Discard(batch->through);
    if (!discarded.ok()) return discarded;
  }
}

}  // namespace tuco::log

#endif  // TUCO_TESTS_SERVER_LOG_SPOOL_SAMPLES_H_

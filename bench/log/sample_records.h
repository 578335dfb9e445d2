// Records as the receiver makes them, of numbered bodies.

#ifndef TUCO_BENCH_LOG_SAMPLE_RECORDS_H_
#define TUCO_BENCH_LOG_SAMPLE_RECORDS_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "bench/numbered_bodies.h"
#include "server/log/record.h"
#include "tuco/hmac_sha256.h"
#include "tuco/signature_verifier.h"

namespace tuco::bench {

// One thread at a time.
class SampleRecords {
 public:
  // Ends the process when `body_file` has no sample.
  explicit SampleRecords(const std::string& body_file);

  // The record of the body with that number.
  std::shared_ptr<log::Record> Make(std::uint64_t number);

 private:
  NumberedBodies bodies_;
  const HmacSha256Key key_;
  const SignatureVerifier verifier_;
};

// Records and the pointers to them that the log takes.
struct RecordBatch {
  std::vector<std::shared_ptr<log::Record>> records;
  std::vector<log::Record*> pointers;
};

// `count` records, the first one numbered `first`.
RecordBatch MakeBatch(SampleRecords& records, std::uint64_t first,
                      std::size_t count);

}  // namespace tuco::bench

#endif  // TUCO_BENCH_LOG_SAMPLE_RECORDS_H_

// Makes a large log: through the log itself, so that it is one.
//
//   fill_log DIRECTORY EVENTS BODY_FILE
//
// Appends what is missing to EVENTS events, all of them different, and prints
// how many there are then. bench/run lets it do so without syncs.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <iostream>

#include "bench/fail.h"
#include "bench/log/opened_log.h"
#include "bench/log/sample_records.h"

namespace tuco::bench {
namespace {

constexpr std::uint64_t kBatch = 4'096;
constexpr std::uint64_t kProgressBatches = 256;  // About a million events.

void Fill(OpenedLog& log, std::uint64_t events, SampleRecords& records) {
  std::uint64_t batches = 0;
  while (log.head() < events) {
    const std::uint64_t head = log.head();
    const std::uint64_t count = std::min(kBatch, events - head);
    log.Append(MakeBatch(records, head, count).pointers);
    if (++batches % kProgressBatches == 0) {
      std::cerr << "  " << log.head() << " of " << events << " events"
                << std::endl;
    }
  }
}

int Main(int argc, char** argv) {
  if (argc != 4) Fail("usage: fill_log DIRECTORY EVENTS BODY_FILE");
  const std::uint64_t events = std::strtoull(argv[2], nullptr, 10);
  SampleRecords records(argv[3]);
  OpenedLog log(argv[1]);
  Fill(log, events, records);
  std::cout << log.head() << std::endl;
  return 0;
}

}  // namespace
}  // namespace tuco::bench

int main(int argc, char** argv) { return tuco::bench::Main(argc, argv); }

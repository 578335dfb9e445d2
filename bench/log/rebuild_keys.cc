// Reads a log's duplicate keys into memory, as the server does when it starts.
//
//   rebuild_keys DIRECTORY
//
// Prints one line of JSON: how many different keys there are, how long that
// took, and by how much the process grew for each.
//
//   {"keys":10000000,"seconds":2.91,"bytes_per_key":28.4}

#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <fstream>
#include <iostream>

#include "bench/fail.h"
#include "bench/log/opened_log.h"
#include "server/log/duplicate_index.h"

namespace tuco::bench {
namespace {

double ResidentBytes() {
  std::ifstream statm("/proc/self/statm");
  double all_pages = 0;
  double resident_pages = 0;
  statm >> all_pages >> resident_pages;
  return resident_pages * static_cast<double>(::sysconf(_SC_PAGESIZE));
}

int Main(int argc, char** argv) {
  if (argc != 2) Fail("usage: rebuild_keys DIRECTORY");
  OpenedLog opened(argv[1]);
  const double before = ResidentBytes();
  const auto begin = std::chrono::steady_clock::now();
  log::DuplicateIndex::Builder builder;
  opened.VisitKeys([&builder](const Digest& key, std::uint64_t sequence) {
    builder.Add(key, sequence);
  });
  const log::DuplicateIndex index = builder.Build().index;
  const std::chrono::duration<double> taken =
      std::chrono::steady_clock::now() - begin;
  if (index.size() == 0) Fail("the log has no keys");
  const auto keys = static_cast<double>(index.size());
  std::cout << "{\"keys\":" << index.size() << ",\"seconds\":" << taken.count()
            << ",\"bytes_per_key\":" << (ResidentBytes() - before) / keys << "}"
            << std::endl;
  return 0;
}

}  // namespace
}  // namespace tuco::bench

int main(int argc, char** argv) { return tuco::bench::Main(argc, argv); }

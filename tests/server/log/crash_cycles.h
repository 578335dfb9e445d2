// Uses one simulated disk after the other, and crashes each many times: what
// the campaigns of power loss have in common, whatever they keep on it.

#ifndef TUCO_TESTS_SERVER_LOG_CRASH_CYCLES_H_
#define TUCO_TESTS_SERVER_LOG_CRASH_CYCLES_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"

namespace tuco::log {

// Which syncs do nothing.
struct Lies {
  bool files = false;
  bool folders = false;
};

struct CycleResult {
  int cycles = 0;
  std::uint64_t records = 0;          // That were acknowledged.
  std::uint64_t disk_operations = 0;  // Of the last disk.
  std::string failure;                // Empty: none.
};

// How long a disk is used, so that what is on it is also new now and then.
inline constexpr int kCyclesOfADisk = 20;

// `run_cycle` uses a Campaign until it crashes, and says what is wrong then.
template <typename Campaign>
CycleResult RunCycles(std::uint64_t seed, int cycles, Lies lies,
                      std::string (*run_cycle)(Campaign&)) {
  CycleResult result;
  std::unique_ptr<Campaign> campaign;
  while (result.cycles < cycles && result.failure.empty()) {
    if (result.cycles % kCyclesOfADisk == 0) {
      if (campaign != nullptr) result.records += campaign->promised();
      campaign = std::make_unique<Campaign>(seed);
      campaign->disk().SetLieAboutSync(lies.files, lies.folders);
      ++seed;
    }
    ++result.cycles;
    const std::string wrong = run_cycle(*campaign);
    if (wrong.empty()) continue;
    result.failure = absl::StrCat("disk of seed ", seed - 1, ", cycle ",
                                  result.cycles, ": ", wrong);
  }
  result.records += campaign->promised();
  result.disk_operations = campaign->disk().operations();
  return result;
}

}  // namespace tuco::log

#endif  // TUCO_TESTS_SERVER_LOG_CRASH_CYCLES_H_

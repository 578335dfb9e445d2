// What a log does of itself as time passes: it forgets duplicate keys that are
// older than the window, and removes records that need not be kept.
//
// Both are for good, so neither is done while the wall clock is in doubt.

#ifndef TUCO_SERVER_LOG_UPKEEP_H_
#define TUCO_SERVER_LOG_UPKEEP_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "server/base/clock.h"
#include "server/base/clock_watch.h"
#include "server/log/disk_reserve.h"
#include "server/log/event_log.h"

namespace tuco::log {

// For the thread that commits.
class Upkeep {
 public:
  struct Options {
    // How long a duplicate is recognised for at least.
    std::chrono::microseconds duplicate_window = std::chrono::days(30);
    // How long records are kept; absent: for ever.
    std::optional<std::chrono::microseconds> age_max;
    // How large the log may become; absent: as large as there is room.
    std::optional<std::uint64_t> bytes_max;
    // How much one step does.
    std::size_t rows_max = 1'024;
  };
  // How often the duplicate keys, and the records, are looked through.
  static constexpr std::chrono::hours kForgetInterval{1};
  static constexpr std::chrono::seconds kRemoveInterval{60};

  // All must outlive it. Without a reserve of space there is no ballast to give
  // up where the disk is too full to remove anything.
  Upkeep(EventLog& log, const base::Clock& clock, DiskReserve* reserve,
         const Options& options);

  // Does a bounded piece of what is due, and returns the duplicate keys that
  // the log has forgotten. What goes wrong is said in the server's log and
  // tried again next time.
  std::vector<std::pair<Digest, std::uint64_t>> Step();

  struct Statistics {
    std::uint64_t clock_steps = 0;  // Of the wall clock, of more than an hour.
    bool paused = false;            // Because the wall clock is in doubt.
    std::uint64_t forgotten_keys = 0;
    std::uint64_t removed_records = 0;
  };
  Statistics statistics() const;

 private:
  std::vector<std::pair<Digest, std::uint64_t>> Forget();
  void Remove();
  // Makes the ballast when there may be room for it again.
  void MakeBallast();
  void Complain(const char* what, const absl::Status& status);

  EventLog& log_;
  const base::Clock& clock_;
  DiskReserve* const reserve_;
  const Options options_;
  base::ClockWatch watch_;
  // When the next pass begins, on the steady clock, and how far this one is.
  std::chrono::microseconds forget_at_;
  std::uint64_t forgotten_through_ = 0;
  std::chrono::microseconds remove_at_;
  std::uint64_t removed_in_pass_ = 0;
  std::chrono::microseconds ballast_at_;
  bool ballast_there_ = false;
  Statistics counts_;
};

}  // namespace tuco::log

#endif  // TUCO_SERVER_LOG_UPKEEP_H_

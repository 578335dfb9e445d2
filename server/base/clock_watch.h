// Notices that somebody sets the wall clock.

#ifndef TUCO_SERVER_BASE_CLOCK_WATCH_H_
#define TUCO_SERVER_BASE_CLOCK_WATCH_H_

#include <chrono>
#include <cstdint>

#include "server/base/clock.h"

namespace tuco::base {

// One thread at a time.
class ClockWatch {
 public:
  // A smaller step is a correction, not a mistake.
  static constexpr std::chrono::hours kStepMax{1};
  // How long a step leaves doubt which of both times was right: long enough
  // for a person to look.
  static constexpr std::chrono::hours kDoubt{24};
  // And how long the start does: a machine that has just begun may not have
  // been told the time.
  static constexpr std::chrono::hours kSettling{1};

  explicit ClockWatch(const Clock& clock);

  // Compares both clocks with what they said last. Returns the step that the
  // wall clock made meanwhile if it is larger than kStepMax, else zero.
  std::chrono::microseconds Look();

  // Whether the wall clock is to be believed where something is lost for good
  // if it is wrong.
  bool trusted() const;
  std::uint64_t steps() const { return steps_; }

 private:
  const Clock& clock_;
  Timestamp now_;
  std::chrono::microseconds steady_;
  std::chrono::microseconds doubted_until_;
  std::uint64_t steps_ = 0;
};

}  // namespace tuco::base

#endif  // TUCO_SERVER_BASE_CLOCK_WATCH_H_

// Time as the server sees it, so that tests can set it.

#ifndef TUCO_SERVER_BASE_CLOCK_H_
#define TUCO_SERVER_BASE_CLOCK_H_

#include <chrono>

#include "tuco/timestamp.h"

namespace tuco::base {

// Safe for concurrent use.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual Timestamp Now() const = 0;
  // Since some moment or other; nobody can set it, and it never goes back.
  virtual std::chrono::microseconds Steady() const = 0;
};

// The machine's clocks.
class SystemClock final : public Clock {
 public:
  Timestamp Now() const override;
  std::chrono::microseconds Steady() const override;
};

}  // namespace tuco::base

#endif  // TUCO_SERVER_BASE_CLOCK_H_

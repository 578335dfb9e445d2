// Time as the server sees it, so that tests can set it.

#ifndef TUCO_SERVER_BASE_CLOCK_H_
#define TUCO_SERVER_BASE_CLOCK_H_

#include "tuco/timestamp.h"

namespace tuco::base {

// Safe for concurrent use.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual Timestamp Now() const = 0;
};

// The machine's wall clock.
class SystemClock final : public Clock {
 public:
  Timestamp Now() const override;
};

}  // namespace tuco::base

#endif  // TUCO_SERVER_BASE_CLOCK_H_

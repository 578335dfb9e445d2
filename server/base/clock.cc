#include "server/base/clock.h"

#include <chrono>

namespace tuco::base {

Timestamp SystemClock::Now() const {
  return std::chrono::time_point_cast<std::chrono::microseconds>(
      std::chrono::system_clock::now());
}

}  // namespace tuco::base

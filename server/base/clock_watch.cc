#include "server/base/clock_watch.h"

#include <algorithm>

namespace tuco::base {

using std::chrono::microseconds;

ClockWatch::ClockWatch(const Clock& clock)
    : clock_(clock),
      now_(clock.Now()),
      steady_(clock.Steady()),
      doubted_until_(steady_ + kSettling) {}

microseconds ClockWatch::Look() {
  const Timestamp now = clock_.Now();
  const microseconds steady = clock_.Steady();
  const microseconds step = (now - now_) - (steady - steady_);
  now_ = now;
  steady_ = steady;
  if (std::chrono::abs(step) <= kStepMax) return microseconds::zero();
  ++steps_;
  doubted_until_ = std::max(doubted_until_, steady + microseconds(kDoubt));
  return step;
}

bool ClockWatch::trusted() const { return steady_ >= doubted_until_; }

}  // namespace tuco::base

// A clock that stands still until a test moves it.

#ifndef TUCO_TESTS_SERVER_BASE_FAKE_CLOCK_H_
#define TUCO_TESTS_SERVER_BASE_FAKE_CLOCK_H_

#include <atomic>
#include <chrono>

#include "server/base/clock.h"

namespace tuco::base {

// Safe for concurrent use.
class FakeClock final : public Clock {
 public:
  // 2026-04-15T12:00:00Z.
  static constexpr Timestamp kStart{std::chrono::seconds(1'776'254'400)};

  Timestamp Now() const override { return now_.load(); }
  std::chrono::microseconds Steady() const override { return steady_.load(); }
  // As somebody sets a clock: the steady one does not notice.
  void Set(Timestamp now) { now_ = now; }
  // Lets time pass; a negative one sets the clock back.
  void Advance(std::chrono::microseconds by) {
    now_ = now_.load() + by;
    if (by.count() > 0) steady_ = steady_.load() + by;
  }

 private:
  std::atomic<Timestamp> now_{kStart};
  std::atomic<std::chrono::microseconds> steady_{std::chrono::microseconds(0)};
};

}  // namespace tuco::base

#endif  // TUCO_TESTS_SERVER_BASE_FAKE_CLOCK_H_

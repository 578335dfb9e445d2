// How much of something has been taken lately.

#ifndef TUCO_SERVER_RECEIVER_LEAKY_BUCKET_H_
#define TUCO_SERVER_RECEIVER_LEAKY_BUCKET_H_

#include <algorithm>
#include <cstdint>

#include "tuco/timestamp.h"

namespace tuco::receiver {

// Filled by what is taken, and drained at a rate. One thread at a time.
class LeakyBucket {
 public:
  // Lets what has run out by `now` go. A clock that was set back drains
  // nothing, and one that was set forward no more than is there.
  void Drain(std::int64_t per_second, Timestamp now) {
    constexpr std::int64_t kMicrosPerSecond = 1'000'000;
    constexpr std::int64_t kLongest = 3'600 * kMicrosPerSecond;
    const std::int64_t micros =
        std::clamp<std::int64_t>((now - at_).count(), 0, kLongest);
    at_ = now;
    taken_ = std::max<std::int64_t>(
        0, taken_ - per_second * micros / kMicrosPerSecond);
  }
  bool Fits(std::int64_t amount, std::int64_t size) const {
    return taken_ + amount <= size;
  }
  void Take(std::int64_t amount) { taken_ += amount; }

 private:
  std::int64_t taken_ = 0;
  Timestamp at_{};
};

}  // namespace tuco::receiver

#endif  // TUCO_SERVER_RECEIVER_LEAKY_BUCKET_H_

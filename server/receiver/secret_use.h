// What became of a secret: how many deliveries it has verified, and when.

#ifndef TUCO_SERVER_RECEIVER_SECRET_USE_H_
#define TUCO_SERVER_RECEIVER_SECRET_USE_H_

#include <atomic>
#include <cstdint>
#include <optional>

#include "tuco/event_type.h"
#include "tuco/timestamp.h"

namespace tuco::receiver {

// Safe for concurrent use.
class SecretUse {
 public:
  // A delivery that arrived then was verified in that form.
  void Note(VerifiedForm form, Timestamp arrival) {
    (form == VerifiedForm::kCanonical ? canonical_ : raw_)
        .fetch_add(1, std::memory_order_relaxed);
    const Timestamp::rep us = arrival.time_since_epoch().count();
    Timestamp::rep last = last_us_.load(std::memory_order_relaxed);
    while (last < us && !last_us_.compare_exchange_weak(
                            last, us, std::memory_order_relaxed)) {
    }
  }

  std::uint64_t count(VerifiedForm form) const {
    return form == VerifiedForm::kCanonical ? canonical_ : raw_;
  }

  // When the newest of these arrived.
  std::optional<Timestamp> last() const {
    const Timestamp::rep us = last_us_;
    if (us == Timestamp::min().time_since_epoch().count()) return std::nullopt;
    return Timestamp(Timestamp::duration(us));
  }

 private:
  std::atomic<std::uint64_t> raw_ = 0;
  std::atomic<std::uint64_t> canonical_ = 0;
  std::atomic<Timestamp::rep> last_us_ =
      Timestamp::min().time_since_epoch().count();
};

}  // namespace tuco::receiver

#endif  // TUCO_SERVER_RECEIVER_SECRET_USE_H_

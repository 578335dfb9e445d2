// How many bytes may be brought into canonical form, so that forged deliveries
// cannot keep the thread busy that takes genuine ones in.
//
// One bucket for all and one for each source, each filled at its rate and
// holding a second's worth. Sources share 1,024 buckets by hash: memory is
// bounded, and two that meet in one have its rate together.

#ifndef TUCO_SERVER_RECEIVER_CANONICAL_BUDGET_H_
#define TUCO_SERVER_RECEIVER_CANONICAL_BUDGET_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string_view>

#include "absl/base/thread_annotations.h"
#include "server/receiver/leaky_bucket.h"
#include "tuco/timestamp.h"

namespace tuco::receiver {

inline constexpr std::size_t kCanonicalBytesPerSecond = 16UL * 1024 * 1024;
inline constexpr std::size_t kCanonicalBytesPerSecondPerSource =
    4UL * 1024 * 1024;

// Safe for concurrent use.
class CanonicalBudget {
 public:
  // Takes `bytes` for `source` at `now`; false, and nothing is taken, where
  // that is more than is left.
  bool Take(std::string_view source, std::size_t bytes, Timestamp now);

 private:
  static constexpr std::size_t kSourceBuckets = 1024;

  std::mutex mutex_;
  LeakyBucket all_ ABSL_GUARDED_BY(mutex_);
  std::array<LeakyBucket, kSourceBuckets> sources_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace tuco::receiver

#endif  // TUCO_SERVER_RECEIVER_CANONICAL_BUDGET_H_

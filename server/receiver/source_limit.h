// How much of what is refused is kept in full for each source, so that one
// that knocks without end cannot push out what others left.

#ifndef TUCO_SERVER_RECEIVER_SOURCE_LIMIT_H_
#define TUCO_SERVER_RECEIVER_SOURCE_LIMIT_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string_view>

#include "absl/base/thread_annotations.h"
#include "server/receiver/leaky_bucket.h"
#include "tuco/timestamp.h"

namespace tuco::receiver {

inline constexpr std::int64_t kRefusedPerSecond = 200;
inline constexpr std::int64_t kRefusedBytesPerSecond = 4L * 1024 * 1024;
// What a source may have at once: as much as in ten seconds.
inline constexpr std::int64_t kRefusedBurst = 10 * kRefusedPerSecond;
inline constexpr std::int64_t kRefusedBytesBurst = 10 * kRefusedBytesPerSecond;

// Sources share 1,024 buckets by hash: memory is bounded, and two that meet in
// one have its rate together. Safe for concurrent use.
class SourceLimit {
 public:
  // Counts a delivery of `bytes` from `source`; false, and it is not counted,
  // when the source has had its share.
  bool Take(std::string_view source, std::size_t bytes, Timestamp now);

 private:
  static constexpr std::size_t kBuckets = 1024;
  struct Buckets {
    LeakyBucket deliveries;
    LeakyBucket bytes;
  };

  std::mutex mutex_;
  std::array<Buckets, kBuckets> sources_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace tuco::receiver

#endif  // TUCO_SERVER_RECEIVER_SOURCE_LIMIT_H_

#include "server/receiver/source_limit.h"

#include <functional>

namespace tuco::receiver {

bool SourceLimit::Take(std::string_view source, std::size_t bytes,
                       Timestamp now) {
  const auto cost = static_cast<std::int64_t>(bytes);
  const std::lock_guard lock(mutex_);
  Buckets& own = sources_[std::hash<std::string_view>()(source) % kBuckets];
  own.deliveries.Drain(kRefusedPerSecond, now);
  own.bytes.Drain(kRefusedBytesPerSecond, now);
  if (!own.deliveries.Fits(1, kRefusedBurst) ||
      !own.bytes.Fits(cost, kRefusedBytesBurst)) {
    return false;
  }
  own.deliveries.Take(1);
  own.bytes.Take(cost);
  return true;
}

}  // namespace tuco::receiver

#include "server/receiver/canonical_budget.h"

#include <algorithm>
#include <chrono>
#include <functional>

namespace tuco::receiver {
namespace {

constexpr auto kAll = static_cast<std::int64_t>(kCanonicalBytesPerSecond);
constexpr auto kEach =
    static_cast<std::int64_t>(kCanonicalBytesPerSecondPerSource);

}  // namespace

// A clock that was set back gives nothing, and one that was set forward no more
// than a full bucket.
void CanonicalBudget::Refill(Bucket& bucket, std::int64_t per_second,
                             Timestamp now) {
  constexpr std::int64_t kMicrosPerSecond = 1'000'000;
  const std::int64_t micros =
      std::clamp<std::int64_t>((now - bucket.at).count(), 0, kMicrosPerSecond);
  bucket.at = now;
  bucket.taken = std::max<std::int64_t>(
      0, bucket.taken - per_second * micros / kMicrosPerSecond);
}

bool CanonicalBudget::Take(std::string_view source, std::size_t bytes,
                           Timestamp now) {
  const auto cost = static_cast<std::int64_t>(bytes);
  const std::lock_guard lock(mutex_);
  Bucket& own =
      sources_[std::hash<std::string_view>()(source) % kSourceBuckets];
  Refill(all_, kAll, now);
  Refill(own, kEach, now);
  if (all_.taken + cost > kAll || own.taken + cost > kEach) return false;
  all_.taken += cost;
  own.taken += cost;
  return true;
}

}  // namespace tuco::receiver

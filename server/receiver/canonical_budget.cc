#include "server/receiver/canonical_budget.h"

#include <functional>

namespace tuco::receiver {
namespace {

constexpr auto kAll = static_cast<std::int64_t>(kCanonicalBytesPerSecond);
constexpr auto kEach =
    static_cast<std::int64_t>(kCanonicalBytesPerSecondPerSource);

}  // namespace

bool CanonicalBudget::Take(std::string_view source, std::size_t bytes,
                           Timestamp now) {
  const auto cost = static_cast<std::int64_t>(bytes);
  const std::lock_guard lock(mutex_);
  LeakyBucket& own =
      sources_[std::hash<std::string_view>()(source) % kSourceBuckets];
  all_.Drain(kAll, now);
  own.Drain(kEach, now);
  if (!all_.Fits(cost, kAll) || !own.Fits(cost, kEach)) return false;
  all_.Take(cost);
  own.Take(cost);
  return true;
}

}  // namespace tuco::receiver

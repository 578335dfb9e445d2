#include "_core/metrics/local_time.h"

#include <algorithm>
#include <iterator>
#include <stdexcept>

namespace tuco::python::metrics {

LocalTime::LocalTime(
    std::vector<std::pair<std::int64_t, std::int64_t>> transitions)
    : transitions_(std::move(transitions)) {
  if (transitions_.empty()) {
    throw std::invalid_argument("a time zone without an offset");
  }
}

std::int64_t LocalTime::Offset(std::int64_t time) const {
  const auto after = std::upper_bound(
      transitions_.begin(), transitions_.end(), time,
      [](std::int64_t at, const auto& entry) { return at < entry.first; });
  return after == transitions_.begin() ? after->second
                                       : std::prev(after)->second;
}

}  // namespace tuco::python::metrics

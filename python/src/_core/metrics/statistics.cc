#include "_core/metrics/statistics.h"

#include <cmath>
#include <cstddef>

namespace tuco::python::metrics {

Share ShareOf(std::int64_t part, std::int64_t whole) {
  constexpr double kZ =
      1.959963984540054;  // Of the normal distribution, 97.5 %.
  const auto n = static_cast<double>(whole);
  const double p = static_cast<double>(part) / n;
  const double scale = 1 + kZ * kZ / n;
  const double centre = (p + kZ * kZ / (2 * n)) / scale;
  const double half =
      kZ * std::sqrt(p * (1 - p) / n + kZ * kZ / (4 * n * n)) / scale;
  // At the ends the interval ends there too, but for rounding.
  return {.value = p,
          .low = part == 0 ? 0 : centre - half,
          .high = part == whole ? 1 : centre + half};
}

std::int64_t Quantile(const std::vector<std::int64_t>& sorted,
                      std::int64_t percent) {
  const auto last = static_cast<std::int64_t>(sorted.size()) - 1;
  const std::int64_t place = last * percent;  // In hundredths.
  const std::int64_t part = place % 100;
  const std::int64_t below = sorted[static_cast<std::size_t>(place / 100)];
  if (part == 0) return below;
  const std::int64_t step =
      sorted[static_cast<std::size_t>(place / 100) + 1] - below;
  return below + step / 100 * part + step % 100 * part / 100;
}

}  // namespace tuco::python::metrics

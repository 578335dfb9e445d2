// The few formulas that metrics need.

#ifndef TUCO_PYTHON_CORE_METRICS_STATISTICS_H_
#define TUCO_PYTHON_CORE_METRICS_STATISTICS_H_

#include <cstdint>
#include <vector>

namespace tuco::python::metrics {

// A share and the interval in which it lies with a confidence of 95 %.
struct Share {
  double value;
  double low;
  double high;
};

// Wilson's score interval for `part` of `whole`. Requires 0 <= part <= whole
// and whole > 0.
Share ShareOf(std::int64_t part, std::int64_t whole);

// The quantile at `percent` of sorted values, between two of them interpolated
// linearly and cut. Requires values that are not negative, at least one, and a
// percent from 0 to 100. No rounding, however large the values are.
std::int64_t Quantile(const std::vector<std::int64_t>& sorted,
                      std::int64_t percent);

}  // namespace tuco::python::metrics

#endif  // TUCO_PYTHON_CORE_METRICS_STATISTICS_H_

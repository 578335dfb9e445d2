// Welch's t-test as dudect does it (Reparaz, Balasch, Verbauwhede: "Dude, is my
// code constant time?"): whether two classes of timings have the same mean,
// asked of all of them and of those below each of a hundred percentiles, since
// the slow ones are the machine's.

#ifndef TUCO_TESTS_LIB_WELCH_T_H_
#define TUCO_TESTS_LIB_WELCH_T_H_

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace tuco {

struct Timing {
  std::uint32_t ticks;
  bool second_class;
};

// Mean and variance of a growing sample, by Welford's recurrence.
struct Moments {
  double count = 0;
  double mean = 0;
  double squares = 0;

  void Add(double value) {
    ++count;
    const double delta = value - mean;
    mean += delta / count;
    squares += delta * (value - mean);
  }
  double VarianceOfMean() const { return squares / (count - 1) / count; }
};

// Welch's t of the timings of at most `ticks_max`; 0 when they are too few.
inline double WelchT(const std::vector<Timing>& timings,
                     std::uint32_t ticks_max) {
  constexpr double kFewest = 10'000;
  Moments classes[2];
  for (const Timing& timing : timings) {
    if (timing.ticks > ticks_max) continue;
    classes[timing.second_class ? 1 : 0].Add(timing.ticks);
  }
  if (classes[0].count < kFewest || classes[1].count < kFewest) return 0;
  const double variance =
      classes[0].VarianceOfMean() + classes[1].VarianceOfMean();
  // Ticks are whole numbers: all may be the same.
  if (variance <= 0) return 0;
  return (classes[0].mean - classes[1].mean) / std::sqrt(variance);
}

// The t that is farthest from 0, over all timings and dudect's percentiles.
inline double WorstWelchT(const std::vector<Timing>& timings) {
  constexpr int kPercentiles = 100;
  std::vector<std::uint32_t> sorted;
  sorted.reserve(timings.size());
  for (const Timing& timing : timings) sorted.push_back(timing.ticks);
  std::sort(sorted.begin(), sorted.end());
  double worst = WelchT(timings, sorted.back());
  std::uint32_t last = sorted.back();
  for (int i = kPercentiles; i > 0; --i) {
    const double share = 1 - std::pow(0.5, 10.0 * i / kPercentiles);
    const auto at =
        static_cast<std::size_t>(share * static_cast<double>(sorted.size()));
    if (sorted[at] == last) continue;
    last = sorted[at];
    const double t = WelchT(timings, last);
    if (std::abs(t) > std::abs(worst)) worst = t;
  }
  return worst;
}

}  // namespace tuco

#endif  // TUCO_TESTS_LIB_WELCH_T_H_

// Times of a time zone. Which zone it is Python knows (zoneinfo); here are its
// transitions only.

#ifndef TUCO_PYTHON_CORE_METRICS_LOCAL_TIME_H_
#define TUCO_PYTHON_CORE_METRICS_LOCAL_TIME_H_

#include <cstdint>
#include <utility>
#include <vector>

namespace tuco::python::metrics {

inline constexpr std::int64_t kSecondUs = 1'000'000;  // In microseconds.
inline constexpr std::int64_t kHourUs = 3600 * kSecondUs;
inline constexpr std::int64_t kDayUs = 24 * kHourUs;

// `a / b`, rounded down. Requires b > 0.
constexpr std::int64_t FloorDiv(std::int64_t a, std::int64_t b) {
  return a / b - (a % b < 0 ? 1 : 0);
}

// What a zone's clocks say. Immutable.
class LocalTime {
 public:
  // From when (microseconds since 1970) which offset east of UTC (microseconds)
  // holds, in the order of time. The first holds before its time too. Throws
  // std::invalid_argument when there is none.
  explicit LocalTime(
      std::vector<std::pair<std::int64_t, std::int64_t>> transitions);

  // Days since 1970-01-01.
  std::int64_t Day(std::int64_t time) const {
    return FloorDiv(Local(time), kDayUs);
  }
  // The day of the Monday on or before it.
  std::int64_t Monday(std::int64_t time) const {
    return Day(time) - DayOfWeek(time) + 1;
  }
  // From Monday, 1, to Sunday, 7.
  std::int64_t DayOfWeek(std::int64_t time) const {
    const std::int64_t days = Day(time) + 3;  // 1970 began on a Thursday.
    return days - FloorDiv(days, 7) * 7 + 1;
  }
  // From 0 to 23.
  std::int64_t HourOfDay(std::int64_t time) const {
    return FloorDiv(Local(time), kHourUs) - 24 * Day(time);
  }
  // The instant at which the clock's hour began. When clocks are set back, the
  // two hours of one name are two.
  std::int64_t HourBegin(std::int64_t time) const {
    const std::int64_t local = Local(time);
    return time - (local - FloorDiv(local, kHourUs) * kHourUs);
  }

 private:
  std::int64_t Local(std::int64_t time) const { return time + Offset(time); }
  std::int64_t Offset(std::int64_t time) const;

  std::vector<std::pair<std::int64_t, std::int64_t>> transitions_;
};

}  // namespace tuco::python::metrics

#endif  // TUCO_PYTHON_CORE_METRICS_LOCAL_TIME_H_

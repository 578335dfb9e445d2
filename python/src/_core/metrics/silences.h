// Gaps in traffic that look like an outage.
//
// What to expect at a time is what other weeks had at the same hour of the
// week, or other weeks' same days where there is too little for hours. A gap is
// as long as the number of events to be expected in it. That measures nights
// and weekends, but not how events crowd: so what is usual is taken from the
// longest gap of each day. Such maxima follow Gumbel's distribution, whose
// place and width their quartiles tell, whatever a few outages among them do. A
// gap is a silence when, by that distribution, so few of its length were to be
// expected in all the time together as the caller allows.

#ifndef TUCO_PYTHON_CORE_METRICS_SILENCES_H_
#define TUCO_PYTHON_CORE_METRICS_SILENCES_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "_core/metrics/local_time.h"

namespace tuco::python::metrics {

struct Silence {
  std::int64_t begin;   // The last event before it.
  std::int64_t end;     // The first one behind it, or `until`.
  double expected;      // Events in it, by what is usual at the time.
  double false_alarms;  // Gaps like it to be expected without any outage.
};

struct SilenceOptions {
  double false_alarms;                // At most.
  std::int64_t at_least;              // Microseconds.
  std::optional<std::int64_t> until;  // When there still was no event.
};

// The most that FindSilences takes, in microseconds between the first and the
// last time.
inline constexpr std::int64_t kSilencesSpanMax = kDayUs * 366 * 100;

// The silences between sorted times, in their order. Where there are fewer than
// kSilenceDaysMin days with enough traffic, there are none to tell.
inline constexpr int kSilenceDaysMin = 7;
std::vector<Silence> FindSilences(const std::vector<std::int64_t>& times,
                                  const LocalTime& local_time,
                                  const SilenceOptions& options);

}  // namespace tuco::python::metrics

#endif  // TUCO_PYTHON_CORE_METRICS_SILENCES_H_

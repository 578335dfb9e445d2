// The table that `cohorts` gives: who replied how soon after the first contact.

#ifndef TUCO_PYTHON_CORE_METRICS_COHORTS_H_
#define TUCO_PYTHON_CORE_METRICS_COHORTS_H_

#include <cstdint>
#include <vector>

#include "_core/metrics/analysis.h"

namespace tuco::python::metrics {

struct CohortOptions {
  Window window;  // Of first contacts.
  const LocalTime& local_time;
  bool weekly;                     // Or daily.
  std::vector<std::int64_t> days;  // Rising.
  std::int64_t until;              // Up to when it is known what happened.
};

// `counted` are all messages. For each group and each week or day of first
// contacts a row for each of `days`. A contact is in the group of the message
// that reached it first.
Answer CohortsOf(const Counted& counted, const Grouping& grouping,
                 const CohortOptions& options);

}  // namespace tuco::python::metrics

#endif  // TUCO_PYTHON_CORE_METRICS_COHORTS_H_

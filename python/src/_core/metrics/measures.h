// The table that `metrics` gives: counts, rates and times to reply.

#ifndef TUCO_PYTHON_CORE_METRICS_MEASURES_H_
#define TUCO_PYTHON_CORE_METRICS_MEASURES_H_

#include "_core/metrics/analysis.h"

namespace tuco::python::metrics {

// A row for each group, in the grouping's order.
Answer MeasuresOf(const Counted& counted, const Grouping& grouping,
                  Delivery delivery);

}  // namespace tuco::python::metrics

#endif  // TUCO_PYTHON_CORE_METRICS_MEASURES_H_

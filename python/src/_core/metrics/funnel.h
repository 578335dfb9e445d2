// The table that `funnel` gives: how far messages got.

#ifndef TUCO_PYTHON_CORE_METRICS_FUNNEL_H_
#define TUCO_PYTHON_CORE_METRICS_FUNNEL_H_

#include "_core/metrics/analysis.h"

namespace tuco::python::metrics {

// Four rows for each group: attempted, delivered, opened, replied. A stage has
// the messages that got at least that far.
Answer FunnelOf(const Counted& counted, const Grouping& grouping,
                Delivery delivery);

}  // namespace tuco::python::metrics

#endif  // TUCO_PYTHON_CORE_METRICS_FUNNEL_H_

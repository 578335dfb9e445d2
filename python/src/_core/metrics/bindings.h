// The classes ResultTable, Analysis and Traffic.

#ifndef TUCO_PYTHON_CORE_METRICS_BINDINGS_H_
#define TUCO_PYTHON_CORE_METRICS_BINDINGS_H_

#include <pybind11/pybind11.h>

namespace tuco::python::metrics {

void AddMetrics(pybind11::module_& module);

}  // namespace tuco::python::metrics

#endif  // TUCO_PYTHON_CORE_METRICS_BINDINGS_H_

// Results as Python's values.
//
// Everything here needs the GIL.

#ifndef TUCO_PYTHON_CORE_METRICS_RESULT_VALUES_H_
#define TUCO_PYTHON_CORE_METRICS_RESULT_VALUES_H_

#include <pybind11/pybind11.h>

#include <cstddef>

#include "_core/arrow/array.h"

namespace tuco::python::metrics {

// (name, Arrow's format) of each column.
pybind11::list Fields(const arrow::Table& table);

// A column's values as str, float or int; dates and times are the int that they
// are in Arrow, and what is absent is None. IndexError beyond the last column.
pybind11::list Values(const arrow::Table& table, std::size_t column);

}  // namespace tuco::python::metrics

#endif  // TUCO_PYTHON_CORE_METRICS_RESULT_VALUES_H_

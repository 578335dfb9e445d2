// explain: why a signature does not match.

#ifndef TUCO_PYTHON_CORE_EXPLAIN_H_
#define TUCO_PYTHON_CORE_EXPLAIN_H_

#include <pybind11/pybind11.h>

namespace tuco::python {

void AddExplain(pybind11::module_& module);

}  // namespace tuco::python

#endif  // TUCO_PYTHON_CORE_EXPLAIN_H_

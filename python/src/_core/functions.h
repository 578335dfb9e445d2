// verify, sign, parse and verify_and_parse.

#ifndef TUCO_PYTHON_CORE_FUNCTIONS_H_
#define TUCO_PYTHON_CORE_FUNCTIONS_H_

#include <pybind11/pybind11.h>

namespace tuco::python {

void AddFunctions(pybind11::module_& module);

}  // namespace tuco::python

#endif  // TUCO_PYTHON_CORE_FUNCTIONS_H_

// Verifies many deliveries on several threads.

#ifndef TUCO_PYTHON_CORE_VERIFY_MANY_H_
#define TUCO_PYTHON_CORE_VERIFY_MANY_H_

#include <pybind11/pybind11.h>

namespace tuco::python {

void AddVerifyMany(pybind11::module_& module);

}  // namespace tuco::python

#endif  // TUCO_PYTHON_CORE_VERIFY_MANY_H_

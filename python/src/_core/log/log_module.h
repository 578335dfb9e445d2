// open_log, and the classes LogReader and LogRows.

#ifndef TUCO_PYTHON_CORE_LOG_LOG_MODULE_H_
#define TUCO_PYTHON_CORE_LOG_LOG_MODULE_H_

#include <pybind11/pybind11.h>

namespace tuco::python::log {

// Needs the class EventTable to be there.
void AddLog(pybind11::module_& module);

}  // namespace tuco::python::log

#endif  // TUCO_PYTHON_CORE_LOG_LOG_MODULE_H_

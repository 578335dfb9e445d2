// Serialized messages of tuco.events.v1 as events and tables: event_of,
// ResponseReader.

#ifndef TUCO_PYTHON_CORE_WIRE_WIRE_MODULE_H_
#define TUCO_PYTHON_CORE_WIRE_WIRE_MODULE_H_

#include <pybind11/pybind11.h>

namespace tuco::python::wire {

// Needs the classes Event and EventTable to be there.
void AddWire(pybind11::module_& module);

}  // namespace tuco::python::wire

#endif  // TUCO_PYTHON_CORE_WIRE_WIRE_MODULE_H_

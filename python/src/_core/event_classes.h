// The classes Event, Message, Contact, Campaign, Crm, ParentMessage and
// RecentReply: values without constructors or setters.

#ifndef TUCO_PYTHON_CORE_EVENT_CLASSES_H_
#define TUCO_PYTHON_CORE_EVENT_CLASSES_H_

#include <pybind11/pybind11.h>

namespace tuco::python {

// Where users find what this module defines; pickles name it.
inline constexpr const char* kPackage = "tuco_events";

// Needs the enums to be there (enums.h).
void AddEventClasses(pybind11::module_& module);

}  // namespace tuco::python

#endif  // TUCO_PYTHON_CORE_EVENT_CLASSES_H_

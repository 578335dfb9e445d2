// The enumerations: their names in C++, Python and protobuf's JSON are one
// table each.

#ifndef TUCO_PYTHON_CORE_ENUMS_H_
#define TUCO_PYTHON_CORE_ENUMS_H_

#include <pybind11/pybind11.h>

#include <string>
#include <string_view>
#include <vector>

#include "tuco/event_type.h"

namespace tuco::python {

// The name of a value in protobuf's JSON, such as EVENT_TYPE_MESSAGE_SENT.
std::string JsonName(EventType value);
std::string JsonName(Flag value);
std::string JsonName(Shape value);
std::string JsonName(VerifiedForm value);
std::string JsonName(Origin value);

// The names of all values in Python, such as MESSAGE_SENT, each at its number.
std::vector<std::string_view> EventTypeNames();
std::vector<std::string_view> ShapeNames();
std::vector<std::string_view> VerifiedFormNames();
std::vector<std::string_view> OriginNames();

// Adds the classes, each an enum.IntEnum with protobuf's numbers.
void AddEnums(pybind11::module_& module);

}  // namespace tuco::python

#endif  // TUCO_PYTHON_CORE_ENUMS_H_

// The scalars of an event as Python's own types.
//
// Everything here needs the GIL.

#ifndef TUCO_PYTHON_CORE_PYTHON_VALUES_H_
#define TUCO_PYTHON_CORE_PYTHON_VALUES_H_

#include <pybind11/native_enum.h>
#include <pybind11/pybind11.h>

#include <cstdint>
#include <string>
#include <type_traits>
#include <vector>

#include "tuco/event_type.h"
#include "tuco/timestamp.h"

namespace tuco::python {

// An aware datetime in UTC.
pybind11::object ToPython(Timestamp time);

inline pybind11::object ToPython(const std::string& text) {
  return pybind11::str(text);
}
inline pybind11::object ToPython(bool value) { return pybind11::bool_(value); }
inline pybind11::object ToPython(std::int64_t value) {
  return pybind11::int_(value);
}
inline pybind11::object ToPython(std::uint64_t value) {
  return pybind11::int_(value);
}

template <typename Enum>
requires std::is_enum_v<Enum> pybind11::object ToPython(Enum value) {
  return pybind11::cast(value);
}

// The flags that are set, in ascending order.
std::vector<Flag> EachFlag(Flags flags);

}  // namespace tuco::python

#endif  // TUCO_PYTHON_CORE_PYTHON_VALUES_H_

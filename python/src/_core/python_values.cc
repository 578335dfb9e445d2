#include "_core/python_values.h"

#include <datetime.h>

#include <chrono>

namespace tuco::python {

namespace py = pybind11;

py::object ToPython(Timestamp time) {
  if (PyDateTimeAPI == nullptr) {
    PyDateTime_IMPORT;
    if (PyDateTimeAPI == nullptr) throw py::error_already_set();
  }
  const std::chrono::sys_days day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  PyObject* made = PyDateTimeAPI->DateTime_FromDateAndTime(
      static_cast<int>(date.year()),
      static_cast<int>(static_cast<unsigned>(date.month())),
      static_cast<int>(static_cast<unsigned>(date.day())),
      static_cast<int>(clock.hours().count()),
      static_cast<int>(clock.minutes().count()),
      static_cast<int>(clock.seconds().count()),
      static_cast<int>(clock.subseconds().count()), PyDateTime_TimeZone_UTC,
      PyDateTimeAPI->DateTimeType);
  if (made == nullptr) throw py::error_already_set();
  return py::reinterpret_steal<py::object>(made);
}

std::vector<Flag> EachFlag(Flags flags) {
  std::vector<Flag> each;
  for (unsigned bit = 1; bit < 32; ++bit) {
    const auto flag = static_cast<Flag>(bit);
    if (flags.Has(flag)) each.push_back(flag);
  }
  return each;
}

}  // namespace tuco::python

// The table of events as Python sees it: _core.EventTable, which
// tuco_events.EventTable wraps.

#ifndef TUCO_PYTHON_CORE_TABLE_EVENT_TABLE_CLASS_H_
#define TUCO_PYTHON_CORE_TABLE_EVENT_TABLE_CLASS_H_

#include <pybind11/pybind11.h>

#include <memory>

#include "_core/arrow/array.h"

namespace tuco::python::table {

// An immutable table with the columns of Schema(). Functions that make one
// answer this; pybind11 does the rest.
struct EventTable {
  std::shared_ptr<const arrow::Table> table;
};

// Adds the class, and `table_of(events, include_body)`, which makes a table of
// a sequence of Event.
void AddEventTable(pybind11::module_& module);

}  // namespace tuco::python::table

#endif  // TUCO_PYTHON_CORE_TABLE_EVENT_TABLE_CLASS_H_

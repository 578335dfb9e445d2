// The table of events as Python sees it: _core.EventTable, which
// tuco_events.EventTable wraps.

#ifndef TUCO_PYTHON_CORE_TABLE_EVENT_TABLE_CLASS_H_
#define TUCO_PYTHON_CORE_TABLE_EVENT_TABLE_CLASS_H_

#include <pybind11/pybind11.h>

#include <memory>

#include "_core/arrow/array.h"
#include "_core/table/schema.h"

namespace tuco::python::table {

// An immutable table with some columns of kColumns. Functions that make one
// answer this; pybind11 does the rest.
struct EventTable {
  std::shared_ptr<const arrow::Table> table;
};

// The columns with those names, or all of them where it is None. Throws
// TypeError for what is no iterable of texts, and ValueError for a name that no
// column has or for no name.
ColumnSet ReadColumns(pybind11::handle names, bool include_body);

// Adds the class, and `table_of`, which makes a table of a sequence of Event.
void AddEventTable(pybind11::module_& module);

}  // namespace tuco::python::table

#endif  // TUCO_PYTHON_CORE_TABLE_EVENT_TABLE_CLASS_H_

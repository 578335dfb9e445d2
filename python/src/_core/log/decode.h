// Stored events as a table.

#ifndef TUCO_PYTHON_CORE_LOG_DECODE_H_
#define TUCO_PYTHON_CORE_LOG_DECODE_H_

#include <memory>
#include <vector>

#include "_core/arrow/array.h"
#include "_core/log/rows.h"
#include "_core/table/schema.h"

namespace tuco::python::log {

struct Decoded {
  std::shared_ptr<const arrow::Table> table;
  // Records whose event is none, in ascending order.
  std::vector<Damage> damages;
};

// A row for each event, as the server would send it; with `stop_at_damage` up
// to the first that is none, else without those. Throws std::bad_alloc.
Decoded Decode(const StoredEvents& stored, const table::ColumnSet& columns,
               bool stop_at_damage);

}  // namespace tuco::python::log

#endif  // TUCO_PYTHON_CORE_LOG_DECODE_H_

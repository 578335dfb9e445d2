// Tables as the capsules of Arrow's PyCapsule interface, which is what
// __arrow_c_stream__ and __arrow_c_schema__ answer.
//
// Everything here needs the GIL.

#ifndef TUCO_PYTHON_CORE_ARROW_CAPSULES_H_
#define TUCO_PYTHON_CORE_ARROW_CAPSULES_H_

#include <pybind11/pybind11.h>

#include <memory>
#include <vector>

#include "_core/arrow/array.h"

namespace tuco::python::arrow {

// An `arrow_array_stream` of the table's batches.
pybind11::capsule StreamCapsule(std::shared_ptr<const Table> table);

// An `arrow_schema`.
pybind11::capsule SchemaCapsule(const std::vector<Field>& schema);

}  // namespace tuco::python::arrow

#endif  // TUCO_PYTHON_CORE_ARROW_CAPSULES_H_

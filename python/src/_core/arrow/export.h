// Hands tables to others through Arrow's C data interface.
//
// What is exported shares the table's memory and keeps it alive: each struct
// has its own reference, so parts may be moved out of it, and released, in any
// order and on any thread.

#ifndef TUCO_PYTHON_CORE_ARROW_EXPORT_H_
#define TUCO_PYTHON_CORE_ARROW_EXPORT_H_

#include <memory>
#include <vector>

#include "_core/arrow/array.h"
#include "_core/arrow/c_data.h"

namespace tuco::python::arrow {

// Each makes `*out`, whatever was in there, and leaves its release to the
// caller. They throw std::bad_alloc, and then nothing is to be released.

// The schema of a batch: a struct with the columns as its children.
void ExportSchema(const std::vector<Field>& schema, ArrowSchema* out);
// The batch as a struct array.
void ExportBatch(const RecordBatch& batch, ArrowArray* out);
// The batches one by one. Shared, for the stream may outlive the caller's.
void ExportStream(std::shared_ptr<const Table> table, ArrowArrayStream* out);

}  // namespace tuco::python::arrow

#endif  // TUCO_PYTHON_CORE_ARROW_EXPORT_H_

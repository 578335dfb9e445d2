// Picks rows out of batches.

#ifndef TUCO_PYTHON_CORE_ARROW_TAKE_H_
#define TUCO_PYTHON_CORE_ARROW_TAKE_H_

#include <cstdint>
#include <span>
#include <vector>

#include "_core/arrow/array.h"

namespace tuco::python::arrow {

// Rows that follow each other.
struct Range {
  std::int64_t begin = 0;
  std::int64_t length = 0;
};

// The rows in `ranges`, which must be there, in their order. In the same memory
// where that is one range; dictionaries always are.
RecordBatch Take(const std::vector<Field>& schema, const RecordBatch& batch,
                 std::span<const Range> ranges);

}  // namespace tuco::python::arrow

#endif  // TUCO_PYTHON_CORE_ARROW_TAKE_H_

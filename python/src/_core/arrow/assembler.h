// Puts batches of one schema together that have dictionaries of their own.

#ifndef TUCO_PYTHON_CORE_ARROW_ASSEMBLER_H_
#define TUCO_PYTHON_CORE_ARROW_ASSEMBLER_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "_core/arrow/array.h"
#include "_core/arrow/dictionary.h"

namespace tuco::python::arrow {

// Gives each dictionary column one dictionary for all batches, with the texts
// in the order in which they first came, and the batches indices into it. All
// else stays in the memory where it is. One thread at a time.
class Assembler {
 public:
  explicit Assembler(std::vector<Field> schema);

  // Requires a batch of the schema.
  void Add(RecordBatch batch);

  std::int64_t rows() const { return table_.rows(); }

  // The batches so far. The assembler is done with.
  Table Finish();

 private:
  // The dictionary of a column, and how the last batch's reads in it.
  struct Column {
    Dictionary dictionary;
    ArrayPtr source;
    std::vector<std::int32_t> mapping;  // Empty: its indices stay as they are.
  };

  // Null where the field is no dictionary column.
  std::vector<std::unique_ptr<Column>> columns_;
  Table table_;
};

}  // namespace tuco::python::arrow

#endif  // TUCO_PYTHON_CORE_ARROW_ASSEMBLER_H_

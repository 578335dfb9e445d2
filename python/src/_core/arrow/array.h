// Arrow's data: fields, arrays, batches of them and tables, in memory that is
// shared and never changes.
//
// Values, safe for concurrent use. What they say is what Arrow's columnar
// format says; nothing is computed on it here but slices.

#ifndef TUCO_PYTHON_CORE_ARROW_ARRAY_H_
#define TUCO_PYTHON_CORE_ARROW_ARRAY_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "_core/arrow/buffer.h"

namespace tuco::python::arrow {

// Formats, as the C data interface spells types.
inline constexpr std::string_view kBool = "b";
inline constexpr std::string_view kInt32 = "i";
inline constexpr std::string_view kInt64 = "l";
inline constexpr std::string_view kUint64 = "L";
inline constexpr std::string_view kDouble = "g";
inline constexpr std::string_view kUtf8 = "u";
inline constexpr std::string_view kBinary = "z";
inline constexpr std::string_view kTimestamp = "tsu:UTC";  // Microseconds.
inline constexpr std::string_view kList = "+l";
inline constexpr std::string_view kStruct = "+s";

// The name and the type of a column.
struct Field {
  std::string name;
  std::string format;
  bool nullable = true;
  std::vector<Field> children;
  // Texts as indices into a dictionary: `format` is the indices' then, and this
  // the texts'.
  std::string dictionary_format;

  friend bool operator==(const Field&, const Field&) = default;
};

// A column without parts.
Field Column(std::string_view name, std::string_view format,
             bool nullable = true);
// Texts that often repeat.
Field DictionaryColumn(std::string_view name, bool nullable = true);
// Lists of what `item` says; its name becomes `item`, as Arrow has it.
Field ListColumn(std::string_view name, Field item, bool nullable = true);
// A struct of columns.
Field StructColumn(std::string_view name, std::vector<Field> children,
                   bool nullable = true);

struct ArrayData;
// Shared by batches, slices of them, and everybody who imported one.
using ArrayPtr = std::shared_ptr<const ArrayData>;

// The values of a column.
struct ArrayData {
  std::int64_t length = 0;
  std::int64_t null_count = 0;
  std::int64_t offset = 0;
  // As the type's layout has them; the first one, a bit for each value that is
  // not null, is nullptr where none is.
  std::vector<BufferPtr> buffers;
  std::vector<ArrayPtr> children;
  ArrayPtr dictionary;
};

// Whether the value at `index`, which counts from the array's offset, is null.
bool IsNull(const ArrayData& array, std::int64_t index);

// `length` values from `begin`, which must be there, in the same memory.
ArrayPtr Slice(const ArrayPtr& array, std::int64_t begin, std::int64_t length);

// Columns of the same length.
struct RecordBatch {
  std::int64_t rows = 0;
  std::vector<ArrayPtr> columns;
};

// Batches with the same columns; those of a dictionary column share one
// dictionary.
struct Table {
  std::vector<Field> schema;
  std::vector<RecordBatch> batches;

  std::int64_t rows() const;
};

// `length` rows from `begin`, which must be there, in the same memory.
Table Slice(const Table& table, std::int64_t begin, std::int64_t length);

}  // namespace tuco::python::arrow

#endif  // TUCO_PYTHON_CORE_ARROW_ARRAY_H_

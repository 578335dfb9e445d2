#include "_core/arrow/array.h"

#include <algorithm>
#include <utility>

namespace tuco::python::arrow {
namespace {

bool Bit(const Buffer& bits, std::int64_t at) {
  return (bits.as<std::uint8_t>()[at / 8] >> (at % 8) & 1) != 0;
}

std::int64_t CountNulls(const ArrayData& array, std::int64_t begin,
                        std::int64_t length) {
  if (array.null_count == 0) return 0;
  if (array.null_count == array.length) return length;
  std::int64_t nulls = 0;
  for (std::int64_t i = begin; i < begin + length; ++i) {
    nulls += IsNull(array, i) ? 1 : 0;
  }
  return nulls;
}

}  // namespace

Field Column(std::string_view name, std::string_view format, bool nullable) {
  return {.name = std::string(name),
          .format = std::string(format),
          .nullable = nullable,
          .children = {},
          .dictionary_format = {}};
}

Field DictionaryColumn(std::string_view name, bool nullable) {
  Field field = Column(name, kInt32, nullable);
  field.dictionary_format = kUtf8;
  return field;
}

Field ListColumn(std::string_view name, Field item, bool nullable) {
  Field field = Column(name, kList, nullable);
  item.name = "item";
  field.children.push_back(std::move(item));
  return field;
}

Field StructColumn(std::string_view name, std::vector<Field> children,
                   bool nullable) {
  Field field = Column(name, kStruct, nullable);
  field.children = std::move(children);
  return field;
}

bool IsNull(const ArrayData& array, std::int64_t index) {
  const BufferPtr& valid = array.buffers.front();
  return valid != nullptr && !Bit(*valid, array.offset + index);
}

ArrayPtr Slice(const ArrayPtr& array, std::int64_t begin, std::int64_t length) {
  if (begin == 0 && length == array->length) return array;
  auto slice = std::make_shared<ArrayData>(*array);
  slice->null_count = CountNulls(*array, begin, length);
  slice->offset += begin;
  slice->length = length;
  return slice;
}

std::int64_t Table::rows() const {
  std::int64_t rows = 0;
  for (const RecordBatch& batch : batches) rows += batch.rows;
  return rows;
}

Table Slice(const Table& table, std::int64_t begin, std::int64_t length) {
  Table result{.schema = table.schema, .batches = {}};
  std::int64_t first = 0;  // Of the batch.
  for (const RecordBatch& batch : table.batches) {
    const std::int64_t from = std::max(begin, first);
    const std::int64_t to = std::min(begin + length, first + batch.rows);
    if (from < to) {
      RecordBatch& part = result.batches.emplace_back();
      part.rows = to - from;
      for (const ArrayPtr& column : batch.columns) {
        part.columns.push_back(Slice(column, from - first, to - from));
      }
    }
    first += batch.rows;
  }
  return result;
}

}  // namespace tuco::python::arrow

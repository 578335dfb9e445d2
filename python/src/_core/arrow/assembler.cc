#include "_core/arrow/assembler.h"

#include <cstddef>
#include <string_view>
#include <utility>

namespace tuco::python::arrow {
namespace {

std::string_view TextAt(const ArrayData& texts, std::int64_t index) {
  const auto* const offsets = texts.buffers[1]->as<std::int32_t>();
  const std::int64_t at = texts.offset + index;
  return {texts.buffers[2]->data() + offsets[at],
          static_cast<std::size_t>(offsets[at + 1] - offsets[at])};
}

// Where the texts of `source` are in `dictionary`, to which it adds them; empty
// where they are at the same places in both.
std::vector<std::int32_t> Merged(const ArrayData& source,
                                 Dictionary& dictionary) {
  std::vector<std::int32_t> mapping;
  bool same = true;
  mapping.reserve(static_cast<std::size_t>(source.length));
  for (std::int64_t i = 0; i < source.length; ++i) {
    mapping.push_back(dictionary.Index(TextAt(source, i)));
    same &= mapping.back() == i;
  }
  if (same) mapping.clear();
  return mapping;
}

// The column with its indices looked up in `mapping`. What is null has some
// index that is in there, too.
std::shared_ptr<ArrayData> Mapped(const ArrayData& column,
                                  const std::vector<std::int32_t>& mapping) {
  auto mapped = std::make_shared<ArrayData>(column);
  const auto begin = static_cast<std::size_t>(column.offset);
  const auto end = begin + static_cast<std::size_t>(column.length);
  const auto* const from = column.buffers[1]->as<std::int32_t>();
  Buffer indices;
  // Nobody asks for those in front; a slice may be a small part of much.
  indices.AppendZeros(begin * sizeof(std::int32_t));
  indices.Extend((end - begin) * sizeof(std::int32_t));
  auto* const to = indices.as<std::int32_t>();
  for (std::size_t i = begin; i < end; ++i) {
    to[i] = mapping[static_cast<std::size_t>(from[i])];
  }
  mapped->buffers[1] = indices.Freeze();
  return mapped;
}

}  // namespace

Assembler::Assembler(std::vector<Field> schema) {
  table_.schema = std::move(schema);
  for (const Field& field : table_.schema) {
    const bool texts = !field.dictionary_format.empty();
    columns_.push_back(texts ? std::make_unique<Column>() : nullptr);
  }
}

void Assembler::Add(RecordBatch batch) {
  if (batch.rows == 0) return;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    if (columns_[i] == nullptr) continue;
    Column& column = *columns_[i];
    ArrayPtr& array = batch.columns[i];
    if (column.source != array->dictionary) {
      column.source = array->dictionary;
      column.mapping = Merged(*column.source, column.dictionary);
    }
    if (!column.mapping.empty()) array = Mapped(*array, column.mapping);
  }
  table_.batches.push_back(std::move(batch));
}

Table Assembler::Finish() {
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    if (columns_[i] == nullptr) continue;
    const ArrayPtr dictionary = columns_[i]->dictionary.ToArray();
    for (RecordBatch& batch : table_.batches) {
      auto array = std::make_shared<ArrayData>(*batch.columns[i]);
      array->dictionary = dictionary;
      batch.columns[i] = std::move(array);
    }
  }
  return std::move(table_);
}

}  // namespace tuco::python::arrow

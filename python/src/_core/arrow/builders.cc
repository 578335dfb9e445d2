#include "_core/arrow/builders.h"

#include <algorithm>

namespace tuco::python::arrow {

ArrayPtr ColumnBuilder::Finish(std::int64_t length, BufferPtr zeros) {
  PadTo(length);
  auto array = std::make_shared<ArrayData>();
  array->length = this->length();
  if (length_ == 0 && padding_ != 0) {
    FinishNothing(std::move(zeros), *array);
  } else {
    FinishValues(*array);
  }
  FinishParts(*array);
  length_ = padding_ = null_count_ = 0;
  return array;
}

void ColumnBuilder::FinishNothing(BufferPtr zeros, ArrayData& array) {
  const auto needed =
      static_cast<std::size_t>(array.length) * sizeof(std::int64_t);
  if (zeros == nullptr || zeros->size() < needed) {
    zeros = std::make_shared<const Buffer>(Buffer::Zeros(needed));
  }
  array.null_count = nullable_ ? array.length : 0;
  array.buffers.push_back(nullable_ ? zeros : nullptr);
  array.buffers.insert(array.buffers.end(), buffers(), zeros);
}

void ColumnBuilder::FinishValues(ArrayData& array) {
  if (padding_ != 0) Pad();
  array.null_count = null_count_;
  array.buffers.push_back(null_count_ == 0 ? nullptr : valid_.Freeze());
  FinishBuffers(array);
}

void ColumnBuilder::Pad() {
  if (nullable_) {
    if (null_count_ == 0) {
      for (std::int64_t i = 0; i < length_; ++i) AppendBit(valid_, i, true);
    }
    for (std::int64_t i = 0; i < padding_; ++i) {
      AppendBit(valid_, length_ + i, false);
    }
    null_count_ += padding_;
  }
  AppendNothing(padding_);
  length_ += padding_;
  padding_ = 0;
}

void Offsets::AppendSame(std::int64_t count, std::size_t end) {
  for (; count > 0; --count) Append(end);
}

BufferPtr Offsets::Finish() {
  // The offsets of no values are one.
  if (offsets_.size() == 0) offsets_.Append(std::int32_t{0});
  return offsets_.Freeze();
}

DictionaryBuilder::DictionaryBuilder(Nulls nulls,
                                     std::vector<std::string_view> first)
    : ColumnBuilder(nulls), first_(std::move(first)) {
  BeginDictionary();
}

void DictionaryBuilder::BeginDictionary() {
  dictionary_ = Dictionary();
  for (const std::string_view text : first_) dictionary_.Index(text);
}

void DictionaryBuilder::AppendNothing(std::int64_t count) {
  const std::int32_t nothing =
      nullable() || !first_.empty() ? 0 : dictionary_.Index("");
  for (; count > 0; --count) indices_.Append(nothing);
}

void DictionaryBuilder::FinishParts(ArrayData& array) {
  // Indices are zeros where there is nothing: somebody may look them up.
  if (dictionary_.size() == 0 && !nullable()) dictionary_.Index("");
  array.dictionary = dictionary_.ToArray();
  BeginDictionary();
}

std::size_t StructBuilder::bytes() const {
  std::size_t bytes = 0;
  for (const auto& column : columns_) bytes += column->bytes();
  return bytes;
}

void StructBuilder::FinishParts(ArrayData& array) {
  for (const auto& column : columns_) {
    array.children.push_back(column->Finish(array.length));
  }
}

}  // namespace tuco::python::arrow

// Builds columns a value at a time.
//
// What a column does not get it has as null, or as nothing (0, "", an empty
// list) where it is not nullable: PadTo says up to where, and costs nothing for
// columns in which there is never anything. So a row touches only the columns
// that it has values for:
//
//   Utf8Builder text;
//   text.PadTo(row);       // The rows before this one without a text.
//   text.Append("Hello");
//   …
//   ArrayPtr column = text.Finish(rows);
//
// One thread at a time. A builder can be used again after Finish. All throw
// std::bad_alloc.

#ifndef TUCO_PYTHON_CORE_ARROW_BUILDERS_H_
#define TUCO_PYTHON_CORE_ARROW_BUILDERS_H_

#include <cstdint>
#include <limits>
#include <memory>
#include <stdexcept>
#include <string_view>
#include <utility>
#include <vector>

#include "_core/arrow/array.h"
#include "_core/arrow/buffer.h"
#include "_core/arrow/dictionary.h"

namespace tuco::python::arrow {

enum class Nulls : bool { kNo, kYes };

// What all columns have in common: which values are null, and how many values
// are still to be padded.
class ColumnBuilder {
 public:
  explicit ColumnBuilder(Nulls nulls) : nullable_(nulls == Nulls::kYes) {}
  virtual ~ColumnBuilder() = default;
  ColumnBuilder(const ColumnBuilder&) = delete;
  ColumnBuilder& operator=(const ColumnBuilder&) = delete;

  std::int64_t length() const { return length_ + padding_; }
  // Does nothing when it is that long already.
  void PadTo(std::int64_t length) {
    if (length > this->length()) padding_ = length - length_;
  }
  void AppendNull() { ++padding_; }

  // The column, padded to `length`; the builder is empty afterwards. `zeros`
  // may be a buffer of 8 * length zeros, for columns without a value to share.
  ArrayPtr Finish(std::int64_t length, BufferPtr zeros = nullptr);

  // The bytes it holds so far.
  virtual std::size_t bytes() const = 0;

 protected:
  // For each Append, before it adds its value.
  void AppendValid() {
    if (padding_ != 0) [[unlikely]]
      Pad();
    if (null_count_ != 0) AppendBit(valid_, length_, true);
    ++length_;
  }

  // Appends a bit to `bits`, which has `at` of them.
  static void AppendBit(Buffer& bits, std::int64_t at, bool value) {
    if (at % 8 == 0) bits.Append(std::uint8_t{0});
    if (value) bits.data()[at / 8] |= static_cast<char>(1 << (at % 8));
  }

  bool nullable() const { return nullable_; }

  // Adds `count` values for nulls, or for nothing.
  virtual void AppendNothing(std::int64_t count) = 0;
  // How many buffers there are behind the validity. Where they have nothing but
  // zeros, every value is nothing.
  virtual std::size_t buffers() const = 0;
  // Adds those buffers.
  virtual void FinishBuffers(ArrayData& array) = 0;
  // Adds what else the array has: children, a dictionary.
  virtual void FinishParts(ArrayData&) {}

 private:
  void Pad();
  void FinishNothing(BufferPtr zeros, ArrayData& array);
  void FinishValues(ArrayData& array);

  const bool nullable_;
  std::int64_t length_ = 0;
  std::int64_t padding_ = 0;
  std::int64_t null_count_ = 0;
  Buffer valid_;  // Empty as long as no value is null.
};

// Numbers and timestamps (microseconds since 1970) of the width of T.
template <typename T>
class FixedBuilder final : public ColumnBuilder {
 public:
  explicit FixedBuilder(Nulls nulls = Nulls::kYes) : ColumnBuilder(nulls) {}

  void Append(T value) {
    AppendValid();
    values_.Append(value);
  }
  std::size_t bytes() const override { return values_.size(); }

 private:
  void AppendNothing(std::int64_t count) override {
    values_.AppendZeros(static_cast<std::size_t>(count) * sizeof(T));
  }
  std::size_t buffers() const override { return 1; }
  void FinishBuffers(ArrayData& array) override {
    array.buffers.push_back(values_.Freeze());
  }

  Buffer values_;
};

using Int64Builder = FixedBuilder<std::int64_t>;
using Uint64Builder = FixedBuilder<std::uint64_t>;
using DoubleBuilder = FixedBuilder<double>;
using TimestampBuilder = Int64Builder;

class BoolBuilder final : public ColumnBuilder {
 public:
  explicit BoolBuilder(Nulls nulls = Nulls::kYes) : ColumnBuilder(nulls) {}

  void Append(bool value) {
    AppendValid();
    AppendBit(bits_, count_++, value);
  }
  std::size_t bytes() const override { return bits_.size(); }

 private:
  void AppendNothing(std::int64_t count) override {
    for (; count > 0; --count) AppendBit(bits_, count_++, false);
  }
  std::size_t buffers() const override { return 1; }
  void FinishBuffers(ArrayData& array) override {
    count_ = 0;
    array.buffers.push_back(bits_.Freeze());
  }

  std::int64_t count_ = 0;
  Buffer bits_;
};

// Where each value of a column with values of different lengths ends.
class Offsets {
 public:
  // Throws std::length_error beyond 2^31 - 1.
  void Append(std::size_t end) {
    if (end > std::numeric_limits<std::int32_t>::max()) [[unlikely]]
      throw std::length_error("a batch has more than 2 GiB in one column");
    if (offsets_.size() == 0) offsets_.Append(std::int32_t{0});
    offsets_.Append(static_cast<std::int32_t>(end));
  }
  void AppendSame(std::int64_t count, std::size_t end);
  std::size_t bytes() const { return offsets_.size(); }
  BufferPtr Finish();

 private:
  Buffer offsets_;
};

// Well-formed UTF-8, which the caller answers for, or bytes.
class Utf8Builder final : public ColumnBuilder {
 public:
  explicit Utf8Builder(Nulls nulls = Nulls::kYes) : ColumnBuilder(nulls) {}

  void Append(std::string_view text) {
    AppendValid();
    offsets_.Append(texts_.size() + text.size());
    texts_.Append(text.data(), text.size());
  }
  std::size_t bytes() const override {
    return offsets_.bytes() + texts_.size();
  }

 private:
  void AppendNothing(std::int64_t count) override {
    offsets_.AppendSame(count, texts_.size());
  }
  std::size_t buffers() const override { return 2; }
  void FinishBuffers(ArrayData& array) override {
    array.buffers.push_back(offsets_.Finish());
    array.buffers.push_back(texts_.Freeze());
  }

  Offsets offsets_;
  Buffer texts_;
};

using BinaryBuilder = Utf8Builder;

// Texts as indices into a dictionary, which Finish begins anew.
class DictionaryBuilder final : public ColumnBuilder {
 public:
  // `first` is what every dictionary begins with, for AppendFirst.
  explicit DictionaryBuilder(Nulls nulls = Nulls::kYes,
                             std::vector<std::string_view> first = {});

  // Well-formed UTF-8, as above.
  void Append(std::string_view text) {
    AppendValid();
    indices_.Append(dictionary_.Index(text));
  }
  // The first text with that number; the very first where there is none.
  void AppendFirst(std::uint32_t number) {
    AppendValid();
    indices_.Append(number < first_.size() ? number : std::uint32_t{0});
  }
  std::size_t bytes() const override { return indices_.size(); }

 private:
  void AppendNothing(std::int64_t count) override;
  std::size_t buffers() const override { return 1; }
  void FinishBuffers(ArrayData& array) override {
    array.buffers.push_back(indices_.Freeze());
  }
  void FinishParts(ArrayData& array) override;
  void BeginDictionary();

  const std::vector<std::string_view> first_;
  Buffer indices_;
  Dictionary dictionary_;
};

// Lists of what another builder builds.
template <typename Item>
class ListBuilder final : public ColumnBuilder {
 public:
  template <typename... Arguments>
  explicit ListBuilder(Nulls nulls, Arguments&&... arguments)
      : ColumnBuilder(nulls), item_(std::forward<Arguments>(arguments)...) {}

  // For the items of the next list.
  Item& items() { return item_; }
  // Whether some were appended since the last list.
  bool has_items() const { return item_.length() != end_; }
  // Makes a list of the items that were appended since the last one.
  void EndList() {
    AppendValid();
    offsets_.Append(static_cast<std::size_t>(item_.length()));
    end_ = item_.length();
  }
  std::size_t bytes() const override {
    return offsets_.bytes() + item_.bytes();
  }

 private:
  void AppendNothing(std::int64_t count) override {
    offsets_.AppendSame(count, static_cast<std::size_t>(end_));
  }
  std::size_t buffers() const override { return 1; }
  void FinishBuffers(ArrayData& array) override {
    array.buffers.push_back(offsets_.Finish());
  }
  void FinishParts(ArrayData& array) override {
    array.children.push_back(item_.Finish(item_.length()));
    end_ = 0;
  }

  Offsets offsets_;
  std::int64_t end_ = 0;  // Of the last list.
  Item item_;
};

using Utf8ListBuilder = ListBuilder<Utf8Builder>;

// Structs of columns that each have a builder.
class StructBuilder final : public ColumnBuilder {
 public:
  explicit StructBuilder(std::vector<std::unique_ptr<ColumnBuilder>> columns)
      : ColumnBuilder(Nulls::kYes), columns_(std::move(columns)) {}

  // The column to append the next struct's member to, padded so far. Requires
  // that it was made with this type.
  template <typename Builder>
  Builder& column(std::size_t index) {
    auto& column = static_cast<Builder&>(*columns_[index]);
    column.PadTo(length());
    return column;
  }
  // Members that got nothing are null.
  void EndStruct() { AppendValid(); }
  std::size_t bytes() const override;

 private:
  void AppendNothing(std::int64_t) override {}
  std::size_t buffers() const override { return 0; }
  void FinishBuffers(ArrayData&) override {}
  void FinishParts(ArrayData& array) override;

  std::vector<std::unique_ptr<ColumnBuilder>> columns_;
};

using StructListBuilder = ListBuilder<StructBuilder>;

}  // namespace tuco::python::arrow

#endif  // TUCO_PYTHON_CORE_ARROW_BUILDERS_H_

// Columns of somebody's batch, read in place whatever their layout: texts as
// utf8, large_utf8, string_view or a dictionary of them, times in any unit,
// whole numbers of any width.
//
// A view is made once for each batch and column and lasts as long as the batch.
// Making one throws WrongType when the column holds something else; reading an
// absent value, or one of a column of type null, gives nullopt. Rows count from
// 0 and must be there. What the producer promises by Arrow's format is
// believed.

#ifndef TUCO_PYTHON_CORE_ARROW_COLUMN_VIEWS_H_
#define TUCO_PYTHON_CORE_ARROW_COLUMN_VIEWS_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include "_core/arrow/c_data.h"

namespace tuco::python::arrow {

// A column holds something else than it should.
class WrongType : public std::runtime_error {
 public:
  WrongType(const ArrowSchema& column, std::string_view expected);
};

// A column and where its rows begin in it.
struct ColumnSlice {
  const ArrowSchema* schema;
  const ArrowArray* array;
  std::int64_t offset;  // The array's own, and that of the struct around it.

  // The child of a struct array, whose rows are the struct's.
  static ColumnSlice OfStruct(const ArrowSchema& schema,
                              const ArrowArray& array, std::int64_t child);
};

// Which values of a column are there.
class Validity {
 public:
  explicit Validity(const ColumnSlice& column);
  bool operator[](std::int64_t row) const {
    if (bits_ == nullptr) return !none_;
    const std::int64_t at = offset_ + row;
    return (bits_[at / 8] >> (at % 8) & 1) != 0;
  }

 private:
  const std::uint8_t* bits_ = nullptr;
  std::int64_t offset_ = 0;
  bool none_ = false;
};

// Whole numbers of any width; those beyond 2^63 - 1 are not there.
class IntView {
 public:
  explicit IntView(const ColumnSlice& column);
  std::optional<std::int64_t> operator[](std::int64_t row) const;

 private:
  Validity valid_;
  const void* values_;
  std::int64_t offset_;
  char format_;
};

// Times in microseconds since 1970. Those with a time zone are instants;
// without one they are taken for UTC. Finer ones are cut, and those beyond what
// 64 bits hold are not there.
class TimeView {
 public:
  explicit TimeView(const ColumnSlice& column);
  std::optional<std::int64_t> operator[](std::int64_t row) const;

 private:
  Validity valid_;
  const std::int64_t* values_;
  std::int64_t offset_;
  std::int64_t factor_ = 1;
  std::int64_t divisor_ = 1;
};

class BoolView {
 public:
  explicit BoolView(const ColumnSlice& column);
  std::optional<bool> operator[](std::int64_t row) const;

 private:
  Validity valid_;
  const std::uint8_t* bits_;
  std::int64_t offset_;
};

// Texts. Of a dictionary also the index, so that a caller may look at each of
// its texts once.
class TextView {
 public:
  explicit TextView(const ColumnSlice& column);
  std::optional<std::string_view> operator[](std::int64_t row) const;

  // How many texts the dictionary has; 0 without one.
  std::int64_t dictionary_size() const { return dictionary_size_; }
  // The index of the row's text; requires a dictionary. Throws
  // std::invalid_argument when the dictionary does not have it.
  std::optional<std::int64_t> IndexOf(std::int64_t row) const;
  // The dictionary's text; requires that it has it.
  std::optional<std::string_view> DictionaryText(std::int64_t index) const {
    return (*dictionary_)[index];
  }

 private:
  enum class Layout { kNone, kSmall, kLarge, kView, kDictionary };

  static Layout LayoutOf(const ColumnSlice& column);
  std::string_view Plain(std::int64_t at) const;

  Layout layout_;
  Validity valid_;
  const ArrowArray* array_;
  std::int64_t offset_;
  std::unique_ptr<IntView> indices_;
  std::unique_ptr<TextView> dictionary_;
  std::int64_t dictionary_size_ = 0;
};

// Lists: where the items of each begin and end in `items()`.
class ListView {
 public:
  explicit ListView(const ColumnSlice& column);
  // Nothing, (0, 0), for an absent list.
  std::pair<std::int64_t, std::int64_t> operator[](std::int64_t row) const;
  // The column of all items; of a column of type null, whose lists are all
  // absent, it is that column.
  const ColumnSlice& items() const { return items_; }

 private:
  template <typename Offset>
  std::pair<std::int64_t, std::int64_t> Between(std::int64_t at) const;

  Validity valid_;
  const void* offsets_ = nullptr;
  std::int64_t offset_;
  bool large_ = false;
  ColumnSlice items_;
};

}  // namespace tuco::python::arrow

#endif  // TUCO_PYTHON_CORE_ARROW_COLUMN_VIEWS_H_

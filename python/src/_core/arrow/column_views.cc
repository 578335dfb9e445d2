#include "_core/arrow/column_views.h"

#include <array>
#include <cstring>
#include <limits>

namespace tuco::python::arrow {
namespace {

constexpr std::string_view kNull = "n";

std::string_view FormatOf(const ColumnSlice& column) {
  return column.schema->format;
}

const void* Buffer(const ColumnSlice& column, int index) {
  return FormatOf(column) == kNull ? nullptr : column.array->buffers[index];
}

// The name of a format where it is one that somebody may have taken for
// another.
std::string NameOf(const ArrowSchema& column) {
  const std::string_view format = column.format;
  if (column.dictionary != nullptr) {
    return "a dictionary of " + NameOf(*column.dictionary);
  }
  if (format == "u" || format == "U" || format == "vu") return "text";
  if (format == "z" || format == "Z" || format == "vz") return "binary";
  if (format == "b") return "bool";
  if (format == "f" || format == "g") return "float";
  if (format == "tdD" || format == "tdm") return "date";
  if (format.starts_with("ts")) return "timestamp";
  if (format.starts_with("+l") || format.starts_with("+L")) return "list";
  if (format == "+s") return "struct";
  if (std::string_view("cCsSiIlL").find(format) != std::string_view::npos) {
    return "int";
  }
  return "Arrow's format " + std::string(format);
}

template <typename T>
std::int64_t At(const void* values, std::int64_t at) {
  T value;
  std::memcpy(&value, static_cast<const T*>(values) + at, sizeof(value));
  return static_cast<std::int64_t>(value);
}

}  // namespace

// Names of what is in a list or a dictionary may be left out.
WrongType::WrongType(const ArrowSchema& column, std::string_view expected)
    : std::runtime_error(
          "column " +
          std::string(column.name == nullptr ? "without a name" : column.name) +
          ": expected " + std::string(expected) + ", found " + NameOf(column)) {
}

ColumnSlice ColumnSlice::OfStruct(const ArrowSchema& schema,
                                  const ArrowArray& array, std::int64_t child) {
  const ArrowArray* const column = array.children[child];
  return {.schema = schema.children[child],
          .array = column,
          .offset = array.offset + column->offset};
}

Validity::Validity(const ColumnSlice& column)
    : offset_(column.offset), none_(FormatOf(column) == kNull) {
  if (!none_ && column.array->null_count != 0) {
    bits_ = static_cast<const std::uint8_t*>(column.array->buffers[0]);
  }
}

IntView::IntView(const ColumnSlice& column)
    : valid_(column),
      values_(Buffer(column, 1)),
      offset_(column.offset),
      format_(column.schema->format[0]) {
  if (FormatOf(column).size() != 1 ||
      std::string_view("ncCsSiIlL").find(format_) == std::string_view::npos) {
    throw WrongType(*column.schema, "int");
  }
}

std::optional<std::int64_t> IntView::operator[](std::int64_t row) const {
  if (!valid_[row]) return std::nullopt;
  const std::int64_t at = offset_ + row;
  switch (format_) {
    case 'c':
      return At<std::int8_t>(values_, at);
    case 'C':
      return At<std::uint8_t>(values_, at);
    case 's':
      return At<std::int16_t>(values_, at);
    case 'S':
      return At<std::uint16_t>(values_, at);
    case 'i':
      return At<std::int32_t>(values_, at);
    case 'I':
      return At<std::uint32_t>(values_, at);
    default:
      break;
  }
  const std::int64_t value = At<std::int64_t>(values_, at);
  if (format_ == 'L' && value < 0) return std::nullopt;
  return value;
}

TimeView::TimeView(const ColumnSlice& column)
    : valid_(column),
      values_(static_cast<const std::int64_t*>(Buffer(column, 1))),
      offset_(column.offset) {
  const std::string_view format = FormatOf(column);
  if (format == kNull) return;
  if (!format.starts_with("ts") || format.size() < 3) {
    throw WrongType(*column.schema, "timestamp");
  }
  if (format[2] == 's') factor_ = 1'000'000;
  if (format[2] == 'm') factor_ = 1'000;
  if (format[2] == 'n') divisor_ = 1'000;
}

std::optional<std::int64_t> TimeView::operator[](std::int64_t row) const {
  if (!valid_[row]) return std::nullopt;
  const std::int64_t value = values_[offset_ + row];
  if (divisor_ != 1) {
    return value / divisor_ - (value % divisor_ < 0 ? 1 : 0);
  }
  const std::int64_t most = std::numeric_limits<std::int64_t>::max() / factor_;
  if (value > most || value < -most) return std::nullopt;
  return value * factor_;
}

BoolView::BoolView(const ColumnSlice& column)
    : valid_(column),
      bits_(static_cast<const std::uint8_t*>(Buffer(column, 1))),
      offset_(column.offset) {
  if (FormatOf(column) != "b" && FormatOf(column) != kNull) {
    throw WrongType(*column.schema, "bool");
  }
}

std::optional<bool> BoolView::operator[](std::int64_t row) const {
  if (!valid_[row]) return std::nullopt;
  const std::int64_t at = offset_ + row;
  return (bits_[at / 8] >> (at % 8) & 1) != 0;
}

TextView::Layout TextView::LayoutOf(const ColumnSlice& column) {
  if (column.schema->dictionary != nullptr) return Layout::kDictionary;
  const std::string_view format = FormatOf(column);
  if (format == kNull) return Layout::kNone;
  if (format == "u") return Layout::kSmall;
  if (format == "U") return Layout::kLarge;
  if (format == "vu") return Layout::kView;
  throw WrongType(*column.schema, "text");
}

TextView::TextView(const ColumnSlice& column)
    : layout_(LayoutOf(column)),
      valid_(column),
      array_(column.array),
      offset_(column.offset) {
  if (layout_ != Layout::kDictionary) return;
  const ColumnSlice texts = {.schema = column.schema->dictionary,
                             .array = column.array->dictionary,
                             .offset = column.array->dictionary->offset};
  if (texts.schema->dictionary != nullptr) {
    throw WrongType(*column.schema, "text");
  }
  try {
    dictionary_ = std::make_unique<TextView>(texts);
  } catch (const WrongType&) {
    throw WrongType(*column.schema, "text");  // It has the column's name.
  }
  indices_ = std::make_unique<IntView>(column);
  dictionary_size_ = texts.array->length;
}

std::optional<std::string_view> TextView::operator[](std::int64_t row) const {
  if (layout_ == Layout::kDictionary) {
    const std::optional<std::int64_t> index = IndexOf(row);
    return index.has_value() ? DictionaryText(*index) : std::nullopt;
  }
  if (!valid_[row]) return std::nullopt;
  return Plain(offset_ + row);
}

std::optional<std::int64_t> TextView::IndexOf(std::int64_t row) const {
  const std::optional<std::int64_t> index = (*indices_)[row];
  if (index.has_value() && (*index < 0 || *index >= dictionary_size_)) {
    throw std::invalid_argument("a dictionary of the table lacks an index");
  }
  return index;
}

std::string_view TextView::Plain(std::int64_t at) const {
  const void* const* const buffers = array_->buffers;
  if (layout_ == Layout::kView) {
    // Length, then the text itself where it fits into 12 bytes, else its first
    // four, the number of a buffer and an offset.
    constexpr std::int32_t kInline = 12;
    const char* const view = static_cast<const char*>(buffers[1]) + 16 * at;
    std::array<std::int32_t, 4> words;
    std::memcpy(words.data(), view, sizeof(words));
    const auto size = static_cast<std::size_t>(words[0]);
    if (words[0] <= kInline) return {view + 4, size};
    return {static_cast<const char*>(buffers[2 + words[2]]) + words[3], size};
  }
  const bool large = layout_ == Layout::kLarge;
  const auto offset = [&](std::int64_t i) {
    return large ? At<std::int64_t>(buffers[1], i)
                 : At<std::int32_t>(buffers[1], i);
  };
  const std::int64_t begin = offset(at);
  return {static_cast<const char*>(buffers[2]) + begin,
          static_cast<std::size_t>(offset(at + 1) - begin)};
}

ListView::ListView(const ColumnSlice& column)
    : valid_(column),
      offsets_(Buffer(column, 1)),
      offset_(column.offset),
      items_(column) {
  const std::string_view format = FormatOf(column);
  if (format == kNull) return;
  if (format != "+l" && format != "+L") {
    throw WrongType(*column.schema, "list");
  }
  large_ = format == "+L";
  items_ = {.schema = column.schema->children[0],
            .array = column.array->children[0],
            .offset = column.array->children[0]->offset};
}

template <typename Offset>
std::pair<std::int64_t, std::int64_t> ListView::Between(std::int64_t at) const {
  return {At<Offset>(offsets_, at), At<Offset>(offsets_, at + 1)};
}

std::pair<std::int64_t, std::int64_t> ListView::operator[](
    std::int64_t row) const {
  if (!valid_[row]) return {0, 0};
  const std::int64_t at = offset_ + row;
  return large_ ? Between<std::int64_t>(at) : Between<std::int32_t>(at);
}

}  // namespace tuco::python::arrow

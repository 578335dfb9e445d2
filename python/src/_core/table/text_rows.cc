#include "_core/table/text_rows.h"

#include <array>
#include <charconv>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/escaping.h"
#include "tuco/strings.h"
#include "tuco/timestamp.h"

namespace tuco::python::table {
namespace {

using arrow::ArrayData;

// What a column's values are.
enum class Kind : std::uint8_t {
  kBool,
  kInt64,
  kUint64,
  kTime,
  kText,
  kDictionary,
  kBytes,
  kList,
  kStruct,
};

Kind KindOf(const arrow::Field& field) {
  if (!field.dictionary_format.empty()) return Kind::kDictionary;
  if (field.format == arrow::kBool) return Kind::kBool;
  if (field.format == arrow::kInt64) return Kind::kInt64;
  if (field.format == arrow::kUint64) return Kind::kUint64;
  if (field.format == arrow::kTimestamp) return Kind::kTime;
  if (field.format == arrow::kBinary) return Kind::kBytes;
  if (field.format == arrow::kList) return Kind::kList;
  if (field.format == arrow::kStruct) return Kind::kStruct;
  return Kind::kText;
}

// A column with all that it takes to write its values.
struct Writer {
  Kind kind;
  std::string name;  // As a member of a JSON object: `"name":`.
  std::vector<Writer> children;
};

Writer WriterOf(const arrow::Field& field) {
  Writer writer{
      .kind = KindOf(field), .name = "\"" + field.name + "\":", .children = {}};
  for (const arrow::Field& child : field.children) {
    writer.children.push_back(WriterOf(child));
  }
  return writer;
}

std::vector<Writer> WritersOf(const arrow::Table& table) {
  std::vector<Writer> writers;
  for (const arrow::Field& field : table.schema) {
    writers.push_back(WriterOf(field));
  }
  return writers;
}

template <typename T>
T At(const ArrayData& array, std::int64_t index) {
  return array.buffers[1]->as<T>()[array.offset + index];
}

bool BoolAt(const ArrayData& array, std::int64_t index) {
  const std::int64_t at = array.offset + index;
  return (array.buffers[1]->as<std::uint8_t>()[at / 8] >> (at % 8) & 1) != 0;
}

std::string_view BytesAt(const ArrayData& array, std::int64_t index) {
  const auto begin = At<std::int32_t>(array, index);
  const auto end = At<std::int32_t>(array, index + 1);
  return {array.buffers[2]->data() + begin,
          static_cast<std::size_t>(end - begin)};
}

std::string_view TextAt(Kind kind, const ArrayData& array, std::int64_t index) {
  if (kind == Kind::kText) return BytesAt(array, index);
  return BytesAt(*array.dictionary, At<std::int32_t>(array, index));
}

bool IsText(Kind kind) {
  return kind == Kind::kText || kind == Kind::kDictionary;
}

template <typename Number>
void AppendNumber(Number number, std::string& out) {
  std::array<char, 24> text;
  const auto end = std::to_chars(text.begin(), text.end(), number).ptr;
  out.append(text.begin(), end);
}

void AppendTime(std::int64_t microseconds, std::string& out) {
  out += FormatTimestamp(Timestamp(std::chrono::microseconds(microseconds)));
}

// The value in the form that CSV and JSON share; requires that it is there and
// neither a text nor made of others.
void AppendPlain(Kind kind, const ArrayData& array, std::int64_t index,
                 std::string& out) {
  switch (kind) {
    case Kind::kBool:
      out += BoolAt(array, index) ? "true" : "false";
      break;
    case Kind::kInt64:
      AppendNumber(At<std::int64_t>(array, index), out);
      break;
    case Kind::kUint64:
      AppendNumber(At<std::uint64_t>(array, index), out);
      break;
    case Kind::kTime:
      AppendTime(At<std::int64_t>(array, index), out);
      break;
    default:
      out += absl::Base64Escape(ToAbsl(BytesAt(array, index)));
      break;
  }
}

void AppendEscape(char byte, std::string& out) {
  constexpr std::string_view kHexDigits = "0123456789abcdef";
  switch (byte) {
    case '"':
      out += "\\\"";
      break;
    case '\\':
      out += "\\\\";
      break;
    case '\n':
      out += "\\n";
      break;
    default:
      out += "\\u00";
      out += kHexDigits[static_cast<unsigned char>(byte) >> 4];
      out += kHexDigits[static_cast<unsigned char>(byte) & 0xf];
      break;
  }
}

// A JSON string; the text is UTF-8, as Arrow's are.
void AppendJsonText(std::string_view text, std::string& out) {
  out += '"';
  std::size_t copied = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char byte = text[i];
    if (static_cast<unsigned char>(byte) >= ' ' && byte != '"' &&
        byte != '\\') {
      continue;
    }
    out += text.substr(copied, i - copied);
    AppendEscape(byte, out);
    copied = i + 1;
  }
  out += text.substr(copied);
  out += '"';
}

void AppendJson(const Writer& writer, const ArrayData& array,
                std::int64_t index, std::string& out);

void AppendJsonList(const Writer& item, const ArrayData& array,
                    std::int64_t index, std::string& out) {
  const auto begin = At<std::int32_t>(array, index);
  const auto end = At<std::int32_t>(array, index + 1);
  out += '[';
  for (auto at = begin; at < end; ++at) {
    if (at != begin) out += ',';
    AppendJson(item, *array.children[0], at, out);
  }
  out += ']';
}

void AppendJsonObject(const std::vector<Writer>& members,
                      const std::vector<arrow::ArrayPtr>& columns,
                      std::int64_t index, std::string& out) {
  char separator = '{';
  for (std::size_t i = 0; i < members.size(); ++i) {
    out += separator;
    out += members[i].name;
    AppendJson(members[i], *columns[i], index, out);
    separator = ',';
  }
  out += '}';
}

void AppendJson(const Writer& writer, const ArrayData& array,
                std::int64_t index, std::string& out) {
  const Kind kind = writer.kind;
  if (arrow::IsNull(array, index)) {
    out += "null";
  } else if (IsText(kind)) {
    AppendJsonText(TextAt(kind, array, index), out);
  } else if (kind == Kind::kList) {
    AppendJsonList(writer.children[0], array, index, out);
  } else if (kind == Kind::kStruct) {
    AppendJsonObject(writer.children, array.children, array.offset + index,
                     out);
  } else if (kind == Kind::kTime || kind == Kind::kBytes) {
    out += '"';
    AppendPlain(kind, array, index, out);
    out += '"';
  } else {
    AppendPlain(kind, array, index, out);
  }
}

void AppendCsvText(std::string_view text, std::string& out) {
  if (!text.empty() &&
      text.find_first_of(",\"\r\n") == std::string_view::npos) {
    out += text;
    return;
  }
  out += '"';
  for (const char byte : text) {
    if (byte == '"') out += '"';
    out += byte;
  }
  out += '"';
}

void AppendCsv(const Writer& writer, const ArrayData& array, std::int64_t index,
               std::string& out) {
  if (arrow::IsNull(array, index)) return;
  if (IsText(writer.kind)) {
    AppendCsvText(TextAt(writer.kind, array, index), out);
  } else if (writer.kind == Kind::kList || writer.kind == Kind::kStruct) {
    std::string json;
    AppendJson(writer, array, index, json);
    AppendCsvText(json, out);
  } else {
    AppendPlain(writer.kind, array, index, out);
  }
}

void AppendCsvRow(const std::vector<Writer>& writers,
                  const arrow::RecordBatch& batch, std::int64_t row,
                  std::string& out) {
  for (std::size_t i = 0; i < writers.size(); ++i) {
    if (i != 0) out += ',';
    AppendCsv(writers[i], *batch.columns[i], row, out);
  }
}

}  // namespace

std::string CsvRows(const arrow::Table& table) {
  const std::vector<Writer> writers = WritersOf(table);
  std::string out;
  for (const arrow::RecordBatch& batch : table.batches) {
    for (std::int64_t row = 0; row < batch.rows; ++row) {
      AppendCsvRow(writers, batch, row, out);
      out += '\n';
    }
  }
  return out;
}

std::string JsonRows(const arrow::Table& table) {
  const std::vector<Writer> writers = WritersOf(table);
  std::string out;
  for (const arrow::RecordBatch& batch : table.batches) {
    for (std::int64_t row = 0; row < batch.rows; ++row) {
      AppendJsonObject(writers, batch.columns, row, out);
      out += '\n';
    }
  }
  return out;
}

}  // namespace tuco::python::table

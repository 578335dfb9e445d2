#include "_core/table/event_table_class.h"

#include <pybind11/stl.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "_core/arrow/assembler.h"
#include "_core/arrow/capsules.h"
#include "_core/arrow/take.h"
#include "_core/table/builder.h"
#include "_core/table/schema.h"
#include "_core/table/text_rows.h"
#include "tuco/event.h"

namespace tuco::python::table {
namespace {

namespace py = pybind11;

EventTable TableOf(const py::iterable& events, bool include_body,
                   py::handle columns) {
  Builder builder(ReadColumns(columns, include_body));
  for (const py::handle event : events) {
    if (!py::isinstance<Event>(event)) {
      throw py::type_error("expected events (Event)");
    }
    builder.Append(event.cast<const Event&>());
  }
  return {builder.Finish()};
}

// Requires a str.
std::size_t IndexNamed(py::handle name) {
  for (std::size_t i = 0; i < kColumnCount; ++i) {
    // Each is a literal of ASCII, with its zero byte.
    const char* const column = kColumns[i].name.data();
    if (PyUnicode_CompareWithASCIIString(name.ptr(), column) == 0) return i;
  }
  const auto spelt = py::reinterpret_steal<py::str>(PyObject_ASCII(name.ptr()));
  throw py::value_error("there is no column " + std::string(spelt) +
                        "; `columns` of a table names them");
}

// The type of a column as docs/python.md spells it.
std::string TypeText(const arrow::Field& field) {
  if (!field.dictionary_format.empty()) return "dictionary[string]";
  if (field.format == arrow::kUint64) return "uint64";
  if (field.format == arrow::kInt64) return "int64";
  if (field.format == arrow::kTimestamp) return "timestamp[us, UTC]";
  if (field.format == arrow::kBool) return "bool";
  if (field.format == arrow::kBinary) return "binary";
  if (field.format == arrow::kUtf8) return "string";
  if (field.format == arrow::kList) {
    return "list[" + TypeText(field.children.front()) + "]";
  }
  std::string text = "struct[";
  std::string_view separator;
  for (const arrow::Field& child : field.children) {
    text.append(separator).append(child.name + ": " + TypeText(child));
    separator = ", ";
  }
  return text + "]";
}

// (name, type, whether it may be null) of each column.
py::list Columns(const EventTable& table) {
  py::list columns;
  for (const arrow::Field& field : table.table->schema) {
    columns.append(py::make_tuple(field.name, TypeText(field), field.nullable));
  }
  return columns;
}

// Requires 0 <= begin <= end <= rows.
EventTable SliceRows(const EventTable& table, std::int64_t begin,
                     std::int64_t end) {
  return {std::make_shared<const arrow::Table>(
      arrow::Slice(*table.table, begin, end - begin))};
}

std::optional<std::size_t> Find(const arrow::Table& table,
                                std::string_view name) {
  for (std::size_t i = 0; i < table.schema.size(); ++i) {
    if (table.schema[i].name == name) return i;
  }
  return std::nullopt;
}

// The ranges of rows whose time is in [begin, end).
std::vector<arrow::Range> RowsBetween(const arrow::ArrayData& times,
                                      std::int64_t begin, std::int64_t end) {
  const auto* const micros =
      times.buffers[1]->as<std::int64_t>() + times.offset;
  std::vector<arrow::Range> ranges;
  for (std::int64_t i = 0; i < times.length; ++i) {
    if (arrow::IsNull(times, i) || micros[i] < begin || micros[i] >= end) {
      continue;
    }
    if (ranges.empty() || ranges.back().begin + ranges.back().length != i) {
      ranges.push_back({i, 0});
    }
    ++ranges.back().length;
  }
  return ranges;
}

// Requires a column of times; both in microseconds since 1970.
EventTable Between(const EventTable& events, std::string_view column,
                   std::int64_t begin, std::int64_t end) {
  const arrow::Table& table = *events.table;
  const std::optional<std::size_t> index = Find(table, column);
  if (!index) throw py::key_error(std::string(column));
  const py::gil_scoped_release released;
  arrow::Table result{.schema = table.schema, .batches = {}};
  for (const arrow::RecordBatch& batch : table.batches) {
    const auto ranges = RowsBetween(*batch.columns[*index], begin, end);
    if (ranges.empty()) continue;
    result.batches.push_back(arrow::Take(table.schema, batch, ranges));
  }
  return {std::make_shared<const arrow::Table>(std::move(result))};
}

// Requires tables with the same columns, and one at least.
EventTable Concat(const std::vector<EventTable>& tables) {
  const py::gil_scoped_release released;
  arrow::Assembler assembler(tables.front().table->schema);
  for (const EventTable& table : tables) {
    for (const arrow::RecordBatch& batch : table.table->batches) {
      assembler.Add(batch);
    }
  }
  return {std::make_shared<const arrow::Table>(assembler.Finish())};
}

// The first and the last time in a column, in microseconds; none without any,
// or without the column.
std::optional<std::pair<std::int64_t, std::int64_t>> TimeSpan(
    const EventTable& events, std::string_view column) {
  std::optional<std::pair<std::int64_t, std::int64_t>> span;
  const std::optional<std::size_t> index = Find(*events.table, column);
  if (!index) return span;
  for (const arrow::RecordBatch& batch : events.table->batches) {
    const arrow::ArrayData& times = *batch.columns[*index];
    const auto* const micros =
        times.buffers[1]->as<std::int64_t>() + times.offset;
    for (std::int64_t i = 0; i < times.length; ++i) {
      if (arrow::IsNull(times, i)) continue;
      if (!span) span.emplace(micros[i], micros[i]);
      span->first = std::min(span->first, micros[i]);
      span->second = std::max(span->second, micros[i]);
    }
  }
  return span;
}

std::string_view TextAt(const arrow::ArrayData& texts, std::int64_t index) {
  const auto* const offsets =
      texts.buffers[1]->as<std::int32_t>() + texts.offset;
  return {texts.buffers[2]->data() + offsets[index],
          static_cast<std::size_t>(offsets[index + 1] - offsets[index])};
}

using Counts = std::map<std::string, std::int64_t, std::less<>>;

void Count(std::string_view text, Counts& counts) {
  auto found = counts.find(text);
  if (found == counts.end()) found = counts.emplace(text, 0).first;
  ++found->second;
}

// How many events there are of each type.
Counts TypeCounts(const EventTable& events) {
  Counts counts;
  const std::optional<std::size_t> index =
      Find(*events.table, SpecOf(Column::kType).name);
  if (!index) return counts;
  for (const arrow::RecordBatch& batch : events.table->batches) {
    const arrow::ArrayData& types = *batch.columns[*index];
    const auto* const indices =
        types.buffers[1]->as<std::int32_t>() + types.offset;
    for (std::int64_t i = 0; i < types.length; ++i) {
      Count(TextAt(*types.dictionary, indices[i]), counts);
    }
  }
  return counts;
}

// How many events have each flag.
Counts FlagCounts(const EventTable& events) {
  Counts counts;
  const std::optional<std::size_t> index =
      Find(*events.table, SpecOf(Column::kFlags).name);
  if (!index) return counts;
  for (const arrow::RecordBatch& batch : events.table->batches) {
    const arrow::ArrayData& lists = *batch.columns[*index];
    const auto* const offsets =
        lists.buffers[1]->as<std::int32_t>() + lists.offset;
    for (std::int64_t i = offsets[0]; i < offsets[lists.length]; ++i) {
      Count(TextAt(*lists.children[0], i), counts);
    }
  }
  return counts;
}

// What `Rows`, CsvRows or JsonRows, makes of the table.
template <std::string (*Rows)(const arrow::Table&)>
py::bytes TextRows(const EventTable& table) {
  std::string text;
  {
    const py::gil_scoped_release released;
    text = Rows(*table.table);
  }
  return py::bytes(text);
}

}  // namespace

ColumnSet ReadColumns(py::handle names, bool include_body) {
  if (names.is_none()) return AllColumns(include_body);
  if (py::isinstance<py::str>(names) || !py::isinstance<py::iterable>(names)) {
    throw py::type_error("expected columns to be names (str), found " +
                         std::string(Py_TYPE(names.ptr())->tp_name));
  }
  ColumnSet columns;
  for (const py::handle name : names) {
    if (!py::isinstance<py::str>(name)) {
      throw py::type_error("expected the name of a column (str), found " +
                           std::string(Py_TYPE(name.ptr())->tp_name));
    }
    columns.set(IndexNamed(name));
  }
  if (columns.none()) throw py::value_error("expected at least one column");
  return columns;
}

void AddEventTable(py::module_& module) {
  using py::arg;
  // A wish for another schema is not looked at: the protocol lets the reader
  // convert.
  py::class_<EventTable>(module, "EventTable", py::is_final())
      .def(
          "__arrow_c_stream__",
          [](const EventTable& table, const py::object&) {
            return arrow::StreamCapsule(table.table);
          },
          arg("requested_schema") = py::none())
      .def("__arrow_c_schema__",
           [](const EventTable& table) {
             return arrow::SchemaCapsule(table.table->schema);
           })
      .def("__len__",
           [](const EventTable& table) {
             return static_cast<std::size_t>(table.table->rows());
           })
      .def("batches",
           [](const EventTable& table) { return table.table->batches.size(); })
      .def("columns", &Columns)
      .def("slice", &SliceRows, arg("begin"), arg("end"))
      .def("between", &Between, arg("column"), arg("begin"), arg("end"))
      .def("time_span", &TimeSpan, arg("column"))
      .def("type_counts", &TypeCounts)
      .def("flag_counts", &FlagCounts)
      .def("csv_rows", &TextRows<&CsvRows>)
      .def("json_rows", &TextRows<&JsonRows>);
  module.def("concat_tables", &Concat, arg("tables"));
  module.def("table_of", &TableOf, arg("events"), arg("include_body"),
             arg("columns") = py::none());
}

}  // namespace tuco::python::table

#include "_core/metrics/result_values.h"

#include <cstdint>

namespace tuco::python::metrics {
namespace {

namespace py = pybind11;

py::object Value(const arrow::ArrayData& array, std::string_view format,
                 std::int64_t index) {
  if (arrow::IsNull(array, index)) return py::none();
  const std::int64_t at = array.offset + index;
  const arrow::Buffer& values = *array.buffers[1];
  if (format == arrow::kUtf8) {
    const auto* const offsets = values.as<std::int32_t>();
    return py::str(array.buffers[2]->data() + offsets[at],
                   static_cast<std::size_t>(offsets[at + 1] - offsets[at]));
  }
  if (format == arrow::kDouble) return py::float_(values.as<double>()[at]);
  if (format == "tdD") return py::int_(values.as<std::int32_t>()[at]);
  return py::int_(values.as<std::int64_t>()[at]);
}

}  // namespace

py::list Fields(const arrow::Table& table) {
  py::list fields;
  for (const arrow::Field& field : table.schema) {
    fields.append(py::make_tuple(field.name, field.format));
  }
  return fields;
}

py::list Values(const arrow::Table& table, std::size_t column) {
  if (column >= table.schema.size()) throw py::index_error("no such column");
  py::list values;
  for (const arrow::RecordBatch& batch : table.batches) {
    const arrow::ArrayData& array = *batch.columns[column];
    for (std::int64_t i = 0; i < array.length; ++i) {
      values.append(Value(array, table.schema[column].format, i));
    }
  }
  return values;
}

}  // namespace tuco::python::metrics

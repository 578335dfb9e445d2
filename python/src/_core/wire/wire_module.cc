#include "_core/wire/wire_module.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>

#include "_core/arguments.h"
#include "_core/table/builder.h"
#include "_core/table/event_table_class.h"
#include "_core/wire/append_event.h"
#include "_core/wire/event_decoder.h"
#include "absl/status/status.h"
#include "tuco/event.h"
#include "tuco/strings.h"

namespace tuco::python::wire {
namespace {

namespace py = pybind11;

void ThrowUnlessOk(const absl::Status& status) {
  if (!status.ok()) {
    throw py::value_error(std::string(FromAbsl(status.message())));
  }
}

Event EventOf(const py::object& message) {
  const Body bytes(message);
  Event event;
  ThrowUnlessOk(DecodeEvent(bytes.bytes(), event));
  return event;
}

// Responses one after the other as a table. Safe for concurrent use.
class ResponseReader {
 public:
  ResponseReader(bool include_body, py::handle columns)
      : columns_(table::ReadColumns(columns, include_body)),
        builder_(std::make_unique<table::Builder>(columns_)) {}

  absl::Status Add(std::string_view response) {
    const std::lock_guard lock(mutex_);
    try {
      return DecodeResponse(
          response,
          [this](const EventView& event) { AppendEvent(event, *builder_); },
          scanned_through_);
    } catch (...) {
      // Some columns may have a value that others lack.
      builder_ = std::make_unique<table::Builder>(columns_);
      throw;
    }
  }
  table::EventTable Take() {
    const std::lock_guard lock(mutex_);
    table::EventTable table{builder_->Finish()};
    builder_ = std::make_unique<table::Builder>(columns_);
    return table;
  }
  std::int64_t rows() {
    const std::lock_guard lock(mutex_);
    return builder_->rows();
  }
  std::uint64_t scanned_through() {
    const std::lock_guard lock(mutex_);
    return scanned_through_;
  }

 private:
  std::mutex mutex_;
  const table::ColumnSet columns_;
  std::unique_ptr<table::Builder> builder_;
  std::uint64_t scanned_through_ = 0;
};

void Add(ResponseReader& reader, const py::object& response) {
  const Body bytes(response);
  absl::Status status;
  {
    const py::gil_scoped_release released;
    status = reader.Add(bytes.bytes());
  }
  ThrowUnlessOk(status);
}

// Calls a method that takes a lock, which may be held without the GIL.
template <auto Method>
auto Unlocked(ResponseReader& reader) {
  const py::gil_scoped_release released;
  return (reader.*Method)();
}

}  // namespace

void AddWire(py::module_& module) {
  using py::arg;
  module.def("event_of", &EventOf, arg("message"));
  py::class_<ResponseReader>(module, "ResponseReader", py::is_final())
      .def(py::init<bool, py::handle>(), arg("include_body"),
           arg("columns") = py::none())
      .def("add", &Add, arg("response"))
      .def("take", &Unlocked<&ResponseReader::Take>)
      .def("__len__", &Unlocked<&ResponseReader::rows>)
      .def_property_readonly("scanned_through",
                             &Unlocked<&ResponseReader::scanned_through>);
}

}  // namespace tuco::python::wire

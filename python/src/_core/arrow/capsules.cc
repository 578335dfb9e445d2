#include "_core/arrow/capsules.h"

#include <utility>

#include "_core/arrow/c_data.h"
#include "_core/arrow/export.h"

namespace tuco::python::arrow {
namespace {

namespace py = pybind11;

// The capsule's destructor: what nobody took over is released with it.
template <typename T>
void Destroy(PyObject* capsule) {
  auto* const exported = static_cast<T*>(
      PyCapsule_GetPointer(capsule, PyCapsule_GetName(capsule)));
  if (exported->release != nullptr) exported->release(exported);
  delete exported;
}

template <typename T>
py::capsule Capsule(std::unique_ptr<T> exported, const char* name) {
  PyObject* const capsule = PyCapsule_New(exported.get(), name, &Destroy<T>);
  if (capsule == nullptr) {
    exported->release(exported.get());
    throw py::error_already_set();
  }
  exported.release();  // NOLINT(bugprone-unused-return-value): Destroy's now.
  return py::reinterpret_steal<py::capsule>(capsule);
}

}  // namespace

py::capsule StreamCapsule(std::shared_ptr<const Table> table) {
  auto stream = std::make_unique<ArrowArrayStream>();
  ExportStream(std::move(table), stream.get());
  return Capsule(std::move(stream), "arrow_array_stream");
}

py::capsule SchemaCapsule(const std::vector<Field>& schema) {
  auto exported = std::make_unique<ArrowSchema>();
  ExportSchema(schema, exported.get());
  return Capsule(std::move(exported), "arrow_schema");
}

}  // namespace tuco::python::arrow

#include "_core/arrow/export.h"

#include <cerrno>
#include <cstddef>
#include <deque>
#include <string>
#include <utility>

namespace tuco::python::arrow {
namespace {

// What belongs to an exported ArrowSchema.
struct SchemaParts {
  std::string format;
  std::string name;
  std::deque<ArrowSchema> children;  // They stay where they are.
  std::vector<ArrowSchema*> child_pointers;
  ArrowSchema dictionary{};
};

// What belongs to an exported ArrowArray.
struct ArrayParts {
  ArrayPtr array;  // Null for a batch, which is but its columns.
  std::vector<const void*> buffers;
  std::deque<ArrowArray> children;
  std::vector<ArrowArray*> child_pointers;
  ArrowArray dictionary{};
};

struct StreamParts {
  std::shared_ptr<const Table> table;
  std::size_t next = 0;
};

// The release callback of T, whose private data is Parts: those of the children
// and the dictionary that nobody moved away, then its own.
template <typename T, typename Parts>
void Release(T* exported) {
  auto* const parts = static_cast<Parts*>(exported->private_data);
  for (T& child : parts->children) {
    if (child.release != nullptr) child.release(&child);
  }
  if (parts->dictionary.release != nullptr) {
    parts->dictionary.release(&parts->dictionary);
  }
  delete parts;
  exported->release = nullptr;
}

// Releases what is not handed over, when making the rest of it fails.
template <typename T, typename Parts>
struct Abandon {
  void operator()(Parts* parts) const {
    T exported{};
    exported.private_data = parts;
    Release<T, Parts>(&exported);
  }
};
template <typename T, typename Parts>
using Owned = std::unique_ptr<Parts, Abandon<T, Parts>>;

template <typename T, typename Parts>
void HandOver(Owned<T, Parts> parts, T* out) {
  for (T& child : parts->children) parts->child_pointers.push_back(&child);
  out->n_children = static_cast<std::int64_t>(parts->children.size());
  out->children = parts->child_pointers.data();
  if (parts->dictionary.release != nullptr)
    out->dictionary = &parts->dictionary;
  out->release = &Release<T, Parts>;
  out->private_data = parts.release();
}

using OwnedSchema = Owned<ArrowSchema, SchemaParts>;
using OwnedArray = Owned<ArrowArray, ArrayParts>;

void ExportField(const Field& field, ArrowSchema* out) {
  OwnedSchema parts(new SchemaParts{.format = field.format,
                                    .name = field.name,
                                    .children = {},
                                    .child_pointers = {}});
  parts->child_pointers.reserve(field.children.size());
  for (const Field& child : field.children) {
    ExportField(child, &parts->children.emplace_back());
  }
  if (!field.dictionary_format.empty()) {
    ExportField(Column("", field.dictionary_format), &parts->dictionary);
  }
  *out = {};
  out->format = parts->format.c_str();
  out->name = parts->name.c_str();
  out->flags = field.nullable ? ARROW_FLAG_NULLABLE : 0;
  HandOver(std::move(parts), out);
}

void ExportArray(const ArrayPtr& array, ArrowArray* out) {
  OwnedArray parts(new ArrayParts{
      .array = array, .buffers = {}, .children = {}, .child_pointers = {}});
  parts->child_pointers.reserve(array->children.size());
  for (const BufferPtr& buffer : array->buffers) {
    parts->buffers.push_back(buffer == nullptr ? nullptr : buffer->data());
  }
  for (const ArrayPtr& child : array->children) {
    ExportArray(child, &parts->children.emplace_back());
  }
  if (array->dictionary != nullptr) {
    ExportArray(array->dictionary, &parts->dictionary);
  }
  *out = {};
  out->length = array->length;
  out->null_count = array->null_count;
  out->offset = array->offset;
  out->n_buffers = static_cast<std::int64_t>(parts->buffers.size());
  out->buffers = parts->buffers.data();
  HandOver(std::move(parts), out);
}

StreamParts& PartsOf(ArrowArrayStream* stream) {
  return *static_cast<StreamParts*>(stream->private_data);
}

int GetSchema(ArrowArrayStream* stream, ArrowSchema* out) {
  try {
    ExportSchema(PartsOf(stream).table->schema, out);
    return 0;
  } catch (const std::bad_alloc&) {
    return ENOMEM;
  }
}

int GetNext(ArrowArrayStream* stream, ArrowArray* out) {
  StreamParts& parts = PartsOf(stream);
  if (parts.next == parts.table->batches.size()) {
    *out = {};  // Released from the start: the end.
    return 0;
  }
  try {
    ExportBatch(parts.table->batches[parts.next], out);
    ++parts.next;
    return 0;
  } catch (const std::bad_alloc&) {
    return ENOMEM;
  }
}

// The one error there is has no message.
const char* GetLastError(ArrowArrayStream*) { return nullptr; }

void ReleaseStream(ArrowArrayStream* stream) {
  delete &PartsOf(stream);
  stream->release = nullptr;
}

}  // namespace

void ExportSchema(const std::vector<Field>& schema, ArrowSchema* out) {
  ExportField(StructColumn("", schema, false), out);
}

void ExportBatch(const RecordBatch& batch, ArrowArray* out) {
  ArrayData whole;
  whole.length = batch.rows;
  whole.buffers.push_back(nullptr);
  whole.children = batch.columns;
  ExportArray(std::make_shared<const ArrayData>(std::move(whole)), out);
}

void ExportStream(std::shared_ptr<const Table> table, ArrowArrayStream* out) {
  auto* const parts = new StreamParts{.table = std::move(table)};
  *out = {};
  out->get_schema = &GetSchema;
  out->get_next = &GetNext;
  out->get_last_error = &GetLastError;
  out->release = &ReleaseStream;
  out->private_data = parts;
}

}  // namespace tuco::python::arrow

#include "_core/arrow/stream_reader.h"

#include <stdexcept>
#include <string>

namespace tuco::python::arrow {

StreamReader::StreamReader(ArrowArrayStream* stream) : stream_(*stream) {
  stream->release = nullptr;  // It is ours from here on.
  try {
    Check(stream_.get_schema(&stream_, &schema_));
    if (std::string_view(schema_.format) != "+s") {
      throw std::invalid_argument(
          "expected a table, found an Arrow stream of " +
          std::string(schema_.format));
    }
  } catch (...) {
    // The destructor does not run for what was not constructed.
    if (schema_.release != nullptr) schema_.release(&schema_);
    stream_.release(&stream_);
    throw;
  }
}

StreamReader::~StreamReader() {
  ReleaseBatch();
  schema_.release(&schema_);
  stream_.release(&stream_);
}

std::int64_t StreamReader::Find(std::string_view name) const {
  for (std::int64_t i = 0; i < schema_.n_children; ++i) {
    const char* const found = schema_.children[i]->name;
    if (found != nullptr && name == found) return i;
  }
  return -1;
}

bool StreamReader::Next() {
  ReleaseBatch();
  Check(stream_.get_next(&stream_, &batch_));
  return batch_.release != nullptr;
}

void StreamReader::Check(int code) {
  if (code == 0) return;
  const char* const said = stream_.get_last_error(&stream_);
  throw std::runtime_error(
      "the table cannot be read: " +
      (said == nullptr ? "error " + std::to_string(code) : std::string(said)));
}

void StreamReader::ReleaseBatch() {
  if (batch_.release != nullptr) batch_.release(&batch_);
  batch_ = {};
}

}  // namespace tuco::python::arrow

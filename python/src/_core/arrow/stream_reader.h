// Reads tables that others export through Arrow's C stream interface.

#ifndef TUCO_PYTHON_CORE_ARROW_STREAM_READER_H_
#define TUCO_PYTHON_CORE_ARROW_STREAM_READER_H_

#include <cstdint>
#include <string_view>

#include "_core/arrow/c_data.h"

namespace tuco::python::arrow {

// The batches of a stream, one after the other. What it gives is the producer's
// memory and lasts until the next call of Next. One thread at a time.
class StreamReader {
 public:
  // Takes the stream over from `*stream`. Throws std::runtime_error with what
  // the producer says when it has no schema, and std::invalid_argument when
  // that is not one of columns.
  explicit StreamReader(ArrowArrayStream* stream);
  ~StreamReader();
  StreamReader(const StreamReader&) = delete;
  StreamReader& operator=(const StreamReader&) = delete;

  // A struct whose children are the columns.
  const ArrowSchema& schema() const { return schema_; }
  // The place of the first column of that name, or -1.
  std::int64_t Find(std::string_view name) const;

  // Goes to the next batch; false at the end. Throws std::runtime_error with
  // what the producer says.
  bool Next();
  // The batch that Next went to.
  const ArrowArray& batch() const { return batch_; }

 private:
  void Check(int code);
  void ReleaseBatch();

  ArrowArrayStream stream_;
  ArrowSchema schema_{};
  ArrowArray batch_{};
};

}  // namespace tuco::python::arrow

#endif  // TUCO_PYTHON_CORE_ARROW_STREAM_READER_H_

// Reads archives on several threads, in order.

#ifndef TUCO_PYTHON_CORE_DELIVERIES_ARCHIVE_READER_H_
#define TUCO_PYTHON_CORE_DELIVERIES_ARCHIVE_READER_H_

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "_core/arrow/array.h"
#include "_core/arrow/buffer.h"
#include "_core/deliveries/chunk_reader.h"
#include "_core/deliveries/line_parser.h"

namespace tuco::python::deliveries {

enum class OnError { kStop, kGoOn };

// What a chunk of lines came to.
struct Part {
  std::size_t file = 0;
  std::shared_ptr<const arrow::Table> table;
  std::vector<Mistake> mistakes;
};

// One thread at a time; its own threads parse beside the caller's. Refers to
// the options.
class ArchiveReader {
 public:
  // `threads` counts the caller's.
  ArchiveReader(ChunkReader chunks, const LineOptions& options,
                OnError on_error, std::size_t threads);
  // Waits for what is being parsed, some milliseconds.
  ~ArchiveReader();
  ArchiveReader(const ArchiveReader&) = delete;
  ArchiveReader& operator=(const ArchiveReader&) = delete;

  // The next part; nothing at the end, which with kStop the first mistake is
  // too. Calls `tick` many times a second, on this thread; what it throws, and
  // what a source does, comes out of here.
  std::optional<Part> Next(const std::function<void()>& tick);

  // Bytes taken from the files so far, as they are on disk.
  std::uint64_t position() const { return chunks_.position(); }

 private:
  // A part before it is known in which line its file's chunk began.
  struct Parsed {
    Part part;
    bool begins_file = false;
    std::uint64_t lines = 0;
    std::exception_ptr error;
  };
  struct Job {
    std::uint64_t number = 0;
    Chunk chunk;
  };

  Parsed Parse(const Chunk& chunk, LineParser& parser) const;
  void ParseText(const Chunk& chunk, LineParser& parser, Parsed& parsed) const;
  void Work();
  void ParseOne(LineParser& parser, std::unique_lock<std::mutex>& lock);
  bool TakeChunk();
  void StartHelper();
  std::optional<Part> Deliver(Parsed parsed);

  ChunkReader chunks_;
  const LineOptions& options_;
  const OnError on_error_;
  const std::size_t threads_;
  LineParser parser_;            // The caller's.
  bool exhausted_ = false;       // There is no further chunk.
  std::uint64_t lines_ = 0;      // Of the file, before the next part.
  std::uint64_t taken_ = 0;      // Chunks that were read.
  std::uint64_t delivered_ = 0;  // Parts that were handed out.

  std::mutex mutex_;
  std::condition_variable work_;
  std::condition_variable result_;
  std::deque<Job> jobs_;                    // Guarded by mutex_, as are
  std::map<std::uint64_t, Parsed> parsed_;  // these, by their numbers.
  std::vector<arrow::Buffer> spare_;        // For chunks to come.
  bool stopping_ = false;
  std::vector<std::thread> helpers_;
};

}  // namespace tuco::python::deliveries

#endif  // TUCO_PYTHON_CORE_DELIVERIES_ARCHIVE_READER_H_

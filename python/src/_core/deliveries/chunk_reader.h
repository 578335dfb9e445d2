// Cuts archives into chunks of whole lines, which can be parsed in parallel.

#ifndef TUCO_PYTHON_CORE_DELIVERIES_CHUNK_READER_H_
#define TUCO_PYTHON_CORE_DELIVERIES_CHUNK_READER_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "_core/arrow/buffer.h"
#include "_core/deliveries/byte_source.h"
#include "_core/deliveries/line_parser.h"

namespace tuco::python::deliveries {

inline constexpr std::size_t kChunkBytes = std::size_t{1} << 20;

// A file has something that cannot be read. Messages repeat nothing of it.
struct Mistake {
  std::uint64_t line = 0;  // From 1.
  std::uint64_t column = 0;
  std::string message;
};

// Lines that follow each other in one file.
struct Chunk {
  std::string_view lines() const { return {text.data(), text.size()}; }

  std::size_t file = 0;  // Which one, from 0.
  bool begins_file = false;
  arrow::Buffer text;
  // What is wrong behind the text, in the line that begins there.
  std::optional<Mistake> mistake;
};

// One thread at a time.
class ChunkReader {
 public:
  // Opens a file when its turn comes; throws as ByteSource does.
  using Open = std::function<std::unique_ptr<ByteSource>()>;

  explicit ChunkReader(std::vector<Open> files) : files_(std::move(files)) {}

  // Nothing at the end of the last file. `memory`, such as that of a chunk that
  // was parsed, becomes the chunk's: new memory costs more than what it is for.
  std::optional<Chunk> Next(arrow::Buffer memory);

  // Bytes taken from all files so far, as they are on disk.
  std::uint64_t position() const;

 private:
  bool Ready(Chunk& chunk);
  void Fill(Chunk& chunk);
  std::size_t Read(Chunk& chunk, std::size_t size);
  void KeepRest(Chunk& chunk, std::size_t end);
  void LeaveOutLine(Chunk& chunk);
  bool SkipLine(Chunk& chunk);
  void EndFile(Chunk& chunk);

  const std::vector<Open> files_;
  std::size_t next_ = 0;  // File to open.
  std::unique_ptr<ByteSource> source_;
  arrow::Buffer rest_;        // The beginning of a line, read already.
  bool skipping_ = false;     // The rest of a line that is too long.
  std::uint64_t closed_ = 0;  // Bytes of the files before.
};

}  // namespace tuco::python::deliveries

#endif  // TUCO_PYTHON_CORE_DELIVERIES_CHUNK_READER_H_

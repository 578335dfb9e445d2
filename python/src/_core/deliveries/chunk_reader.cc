#include "_core/deliveries/chunk_reader.h"

#include <string_view>
#include <system_error>
#include <utility>

namespace tuco::python::deliveries {
namespace {

Mistake At(std::size_t column, std::string message) {
  return {.line = 0, .column = column + 1, .message = std::move(message)};
}

}  // namespace

std::uint64_t ChunkReader::position() const {
  return closed_ + (source_ == nullptr ? 0 : source_->position());
}

std::optional<Chunk> ChunkReader::Next(arrow::Buffer memory) {
  Chunk chunk;
  chunk.text = std::move(memory);
  chunk.text.Truncate(0);
  while (Ready(chunk)) {
    Fill(chunk);
    if (chunk.text.size() != 0 || chunk.mistake) return chunk;
  }
  return std::nullopt;
}

// Whether there is a file to read from: opens the next one where need be.
bool ChunkReader::Ready(Chunk& chunk) {
  if (source_ != nullptr) {
    chunk.file = next_ - 1;
    return true;
  }
  if (next_ == files_.size()) return false;
  chunk.file = next_;
  chunk.begins_file = true;
  try {
    source_ = files_[next_++]();
  } catch (const std::system_error& error) {
    chunk.mistake = At(0, "cannot be opened: " + error.code().message());
  } catch (const DamagedError& error) {
    chunk.mistake = At(0, error.what());
  }
  return true;
}

// Makes the chunk the whole lines that come next.
void ChunkReader::Fill(Chunk& chunk) {
  if (source_ == nullptr) return;
  chunk.text.Append(rest_.data(), rest_.size());
  rest_.Truncate(0);
  while (true) {
    if (skipping_ && !SkipLine(chunk)) return;
    const std::size_t before = chunk.text.size();
    const std::size_t count =
        Read(chunk, before < kChunkBytes ? kChunkBytes - before : kChunkBytes);
    if (count == 0) return EndFile(chunk);
    const std::size_t newline = chunk.lines().substr(before).rfind('\n');
    if (newline != std::string_view::npos) {
      return KeepRest(chunk, before + newline + 1);
    }
    if (chunk.text.size() > kLineBytesMax) return LeaveOutLine(chunk);
  }
}

// Appends what the source has; 0 at its end, which damage is too.
std::size_t ChunkReader::Read(Chunk& chunk, std::size_t size) {
  const std::size_t before = chunk.text.size();
  char* const into = chunk.text.Extend(size);
  std::size_t count = 0;
  try {
    while (count < size) {
      const std::size_t more = source_->Read(into + count, size - count);
      if (more == 0) break;
      count += more;
    }
  } catch (const DamagedError& error) {
    chunk.mistake = At(0, error.what());
  } catch (const std::system_error& error) {
    chunk.mistake = At(0, "cannot be read: " + error.code().message());
  }
  chunk.text.Truncate(before + count);
  return chunk.mistake ? 0 : count;
}

// Keeps what is behind `end` for the next chunk.
void ChunkReader::KeepRest(Chunk& chunk, std::size_t end) {
  const std::string_view rest = chunk.lines().substr(end);
  rest_.Append(rest.data(), rest.size());
  chunk.text.Truncate(end);
}

void ChunkReader::LeaveOutLine(Chunk& chunk) {
  chunk.text.Truncate(0);
  chunk.mistake = At(kLineBytesMax, "the line is longer than 16 MiB");
  skipping_ = true;
}

// Drops what is left of a long line; whether what is behind its end is still
// to be filled up: where that has whole lines, they are the chunk.
bool ChunkReader::SkipLine(Chunk& chunk) {
  while (true) {
    chunk.text.Truncate(0);
    const std::size_t count = Read(chunk, kChunkBytes);
    const std::size_t newline = chunk.lines().find('\n');
    if (newline != std::string_view::npos) {
      KeepRest(chunk, newline + 1);
      chunk.text = std::exchange(rest_, {});
      skipping_ = false;
      const std::size_t last = chunk.lines().rfind('\n');
      if (last == std::string_view::npos) return true;
      KeepRest(chunk, last + 1);
      return false;
    }
    if (count == 0) {
      chunk.text.Truncate(0);
      EndFile(chunk);
      return false;
    }
  }
}

void ChunkReader::EndFile(Chunk& chunk) {
  if (chunk.mistake) {
    // The last line may be but a part of itself.
    const std::size_t newline = chunk.lines().rfind('\n');
    const std::size_t end = newline == std::string_view::npos ? 0 : newline + 1;
    chunk.mistake->column = chunk.text.size() - end + 1;
    chunk.text.Truncate(end);
  }
  skipping_ = false;
  closed_ += source_->position();
  source_.reset();
}

}  // namespace tuco::python::deliveries

// Where an archive's bytes come from: a file, memory, anything with a `read`.

#ifndef TUCO_PYTHON_CORE_DELIVERIES_BYTE_SOURCE_H_
#define TUCO_PYTHON_CORE_DELIVERIES_BYTE_SOURCE_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace tuco::python::deliveries {

// The bytes of a source are not what they should be, such as gzip that ends in
// the middle. What was read before is good.
class DamagedError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// One thread at a time.
class ByteSource {
 public:
  ByteSource() = default;
  virtual ~ByteSource() = default;
  ByteSource(const ByteSource&) = delete;
  ByteSource& operator=(const ByteSource&) = delete;

  // Puts up to `size` bytes at `into` and returns how many: 0 at the end only.
  // Throws DamagedError, and std::system_error for what the system refuses.
  virtual std::size_t Read(char* into, std::size_t size) = 0;

  // Bytes that were taken from the outside so far, still compressed.
  virtual std::uint64_t position() const = 0;
};

class FileSource final : public ByteSource {
 public:
  // A file that makes one wait, as pipes do, calls `interrupted` for each
  // signal that comes meanwhile; what it throws comes out of here. Throws
  // std::system_error when the file cannot be opened.
  FileSource(const std::string& path, std::function<void()> interrupted);
  ~FileSource() override;

  std::size_t Read(char* into, std::size_t size) override;
  std::uint64_t position() const override { return position_; }

 private:
  const std::function<void()> interrupted_;
  const int fd_;
  std::uint64_t position_ = 0;
};

// Refers to the bytes.
class MemorySource final : public ByteSource {
 public:
  explicit MemorySource(std::string_view bytes) : bytes_(bytes) {}

  std::size_t Read(char* into, std::size_t size) override;
  std::uint64_t position() const override { return position_; }

 private:
  const std::string_view bytes_;
  std::size_t position_ = 0;
};

// What `source` holds, decompressed when its first bytes say that it is gzip or
// zstd. Several members or frames, one after the other, are one text.
std::unique_ptr<ByteSource> Decompressed(std::unique_ptr<ByteSource> source);

}  // namespace tuco::python::deliveries

#endif  // TUCO_PYTHON_CORE_DELIVERIES_BYTE_SOURCE_H_

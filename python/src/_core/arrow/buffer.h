// Memory of a column: aligned and padded as Arrow recommends.

#ifndef TUCO_PYTHON_CORE_ARROW_BUFFER_H_
#define TUCO_PYTHON_CORE_ARROW_BUFFER_H_

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>

namespace tuco::python::arrow {

// Bytes that begin at a multiple of 64 and are followed by zeros up to the next
// one. Grows while it has one owner; const once it is shared. Throws
// std::bad_alloc. One thread at a time while it grows.
class Buffer {
 public:
  static constexpr std::size_t kAlignment = 64;

  Buffer() = default;
  // `size` zeros.
  static Buffer Zeros(std::size_t size);
  Buffer(Buffer&& other) noexcept;
  Buffer& operator=(Buffer&& other) noexcept;
  ~Buffer();

  std::size_t size() const { return size_; }
  std::size_t capacity() const { return capacity_; }
  const char* data() const { return data_; }
  char* data() { return data_; }
  template <typename T>
  const T* as() const {
    return reinterpret_cast<const T*>(data_);
  }
  template <typename T>
  T* as() {
    return reinterpret_cast<T*>(data_);
  }

  // Makes it longer and returns where the new bytes begin, which hold anything.
  char* Extend(std::size_t bytes) {
    if (bytes > capacity_ - size_) [[unlikely]]
      Grow(bytes);
    char* const begin = data_ + size_;
    size_ += bytes;
    return begin;
  }
  // Requires a size that is not larger than its own.
  void Truncate(std::size_t size) { size_ = size; }
  void Append(const void* bytes, std::size_t count) {
    if (count != 0) std::memcpy(Extend(count), bytes, count);
  }
  template <typename T>
  void Append(T value) {
    std::memcpy(Extend(sizeof(value)), &value, sizeof(value));
  }
  void AppendZeros(std::size_t count) {
    if (count != 0) std::memset(Extend(count), 0, count);
  }

  // What it holds, to be shared; it is empty afterwards, and makes room for as
  // much again when it grows.
  std::shared_ptr<const Buffer> Freeze();

 private:
  void Grow(std::size_t bytes);
  void Reallocate(std::size_t capacity);

  char* data_ = nullptr;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
  std::size_t expected_ = 0;  // As much as it held the last time.
};

// Shared by a table, its slices and everybody who imported one of them.
using BufferPtr = std::shared_ptr<const Buffer>;

}  // namespace tuco::python::arrow

#endif  // TUCO_PYTHON_CORE_ARROW_BUFFER_H_

#include "_core/arrow/buffer.h"

#include <algorithm>
#include <cstring>
#include <new>
#include <utility>

namespace tuco::python::arrow {
namespace {

std::size_t RoundedUp(std::size_t bytes) {
  constexpr std::size_t kMask = Buffer::kAlignment - 1;
  return (std::max<std::size_t>(bytes, 1) + kMask) & ~kMask;
}

constexpr std::align_val_t kAligned{Buffer::kAlignment};

char* Allocated(std::size_t bytes) {
  return static_cast<char*>(::operator new(bytes, kAligned));
}

void Free(char* memory) { ::operator delete(memory, kAligned); }

}  // namespace

Buffer Buffer::Zeros(std::size_t size) {
  Buffer buffer;
  buffer.Reallocate(RoundedUp(size));
  std::memset(buffer.data_, 0, buffer.capacity_);
  buffer.size_ = size;
  return buffer;
}

Buffer::Buffer(Buffer&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)),
      size_(std::exchange(other.size_, 0)),
      capacity_(std::exchange(other.capacity_, 0)) {}

Buffer& Buffer::operator=(Buffer&& other) noexcept {
  std::swap(data_, other.data_);
  std::swap(size_, other.size_);
  std::swap(capacity_, other.capacity_);
  return *this;
}

Buffer::~Buffer() { Free(data_); }

void Buffer::Grow(std::size_t bytes) {
  constexpr std::size_t kFirst = 1024;
  const std::size_t first = std::max(kFirst, expected_ + expected_ / 8);
  Reallocate(RoundedUp(std::max({size_ + bytes, 2 * capacity_, first})));
}

void Buffer::Reallocate(std::size_t capacity) {
  char* const memory = Allocated(capacity);
  if (size_ != 0) std::memcpy(memory, data_, size_);
  Free(data_);
  data_ = memory;
  capacity_ = capacity;
}

BufferPtr Buffer::Freeze() {
  const std::size_t needed = RoundedUp(size_);
  // A little too much is not worth the copy.
  if (capacity_ < needed || capacity_ - needed > needed / 4) {
    Reallocate(needed);
  }
  std::memset(data_ + size_, 0, needed - size_);
  expected_ = size_;
  return std::make_shared<const Buffer>(std::move(*this));
}

}  // namespace tuco::python::arrow

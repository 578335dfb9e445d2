// A growing array whose first elements live inside of it.

#ifndef TUCO_INTERNAL_INLINE_BUFFER_H_
#define TUCO_INTERNAL_INLINE_BUFFER_H_

#include <algorithm>
#include <cstddef>
#include <memory>
#include <type_traits>
#include <utility>

namespace tuco::internal {

// Holds up to `InlineSize` elements without an allocation. Elements start
// uninitialised. One thread at a time; neither copied nor moved.
template <typename T, std::size_t InlineSize>
class InlineBuffer {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  // Not defaulted: that would fill the inline elements with zeros.
  InlineBuffer() {}  // NOLINT(modernize-use-equals-default)
  InlineBuffer(const InlineBuffer&) = delete;
  InlineBuffer& operator=(const InlineBuffer&) = delete;

  // A new last element, to be filled in by the caller. It moves every element
  // when it grows: references into the buffer end here.
  T& Append() {
    if (size_ == capacity_) Grow();
    return data_[size_++];
  }

  void Clear() { size_ = 0; }

  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  T& operator[](std::size_t index) { return data_[index]; }
  const T& operator[](std::size_t index) const { return data_[index]; }
  T* begin() { return data_; }
  T* end() { return data_ + size_; }
  const T* begin() const { return data_; }
  const T* end() const { return data_ + size_; }

 private:
  void Grow() {
    auto larger = std::make_unique_for_overwrite<T[]>(2 * capacity_);
    std::copy_n(data_, size_, larger.get());
    heap_ = std::move(larger);
    data_ = heap_.get();
    capacity_ *= 2;
  }

  T* data_ = inline_;
  std::size_t size_ = 0;
  std::size_t capacity_ = InlineSize;
  std::unique_ptr<T[]> heap_;
  T inline_[InlineSize];
};

}  // namespace tuco::internal

#endif  // TUCO_INTERNAL_INLINE_BUFFER_H_

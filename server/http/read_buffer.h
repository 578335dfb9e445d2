// The bytes that were received and are not done with.

#ifndef TUCO_SERVER_HTTP_READ_BUFFER_H_
#define TUCO_SERVER_HTTP_READ_BUFFER_H_

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>

namespace tuco::http {

// Contiguous bytes that grow at the end and are dropped at the front:
//
//   dropped │ content… │ free
//
// Offsets count from the beginning of the content, so that they survive a
// move. Room is not limited here; who fills the buffer does that. One thread
// at a time.
class ReadBuffer {
 public:
  ReadBuffer() = default;
  ReadBuffer(const ReadBuffer&) = delete;
  ReadBuffer& operator=(const ReadBuffer&) = delete;

  std::size_t size() const { return end_ - begin_; }
  bool empty() const { return begin_ == end_; }
  char* data() { return bytes_.get() + begin_; }
  std::string_view text(std::size_t offset, std::size_t size) const {
    return {bytes_.get() + begin_ + offset, size};
  }

  std::size_t capacity() const { return capacity_; }
  // What it will be once there are `least` bytes behind the content.
  std::size_t CapacityFor(std::size_t least) const;
  // At least `least` bytes behind the content. May move it.
  std::span<char> Free(std::size_t least);
  // The first `size` of the free bytes are content now.
  void Append(std::size_t size) { end_ += size; }

  void DropFront(std::size_t size) { begin_ += size; }
  // Keeps the first `size` bytes only.
  void Truncate(std::size_t size) { end_ = begin_ + size; }
  // Gives memory back that a large request took. May move the content.
  void Trim();

 private:
  void Reallocate(std::size_t capacity);

  std::unique_ptr<char[]> bytes_;
  std::size_t capacity_ = 0;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

}  // namespace tuco::http

#endif  // TUCO_SERVER_HTTP_READ_BUFFER_H_

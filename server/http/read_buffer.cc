#include "server/http/read_buffer.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace tuco::http {
namespace {

constexpr std::size_t kBytesMin = 4UL * 1024;
// A buffer that grew beyond this is given back.
constexpr std::size_t kBytesKept = 16UL * 1024;

}  // namespace

std::size_t ReadBuffer::CapacityFor(std::size_t least) const {
  if (capacity_ >= size() + least) return capacity_;
  return std::max({kBytesMin, 2 * capacity_, size() + least});
}

std::span<char> ReadBuffer::Free(std::size_t least) {
  if (empty()) begin_ = end_ = 0;
  if (capacity_ - end_ < least && begin_ > 0) {
    std::memmove(bytes_.get(), data(), size());
    end_ -= begin_;
    begin_ = 0;
  }
  if (capacity_ - end_ < least) Reallocate(CapacityFor(least));
  return {bytes_.get() + end_, capacity_ - end_};
}

void ReadBuffer::Trim() {
  if (capacity_ > kBytesKept && size() <= kBytesMin) Reallocate(kBytesMin);
}

void ReadBuffer::Reallocate(std::size_t capacity) {
  auto bytes = std::make_unique_for_overwrite<char[]>(capacity);
  const std::size_t kept = size();
  if (kept > 0) std::memcpy(bytes.get(), data(), kept);
  bytes_ = std::move(bytes);
  capacity_ = capacity;
  begin_ = 0;
  end_ = kept;
}

}  // namespace tuco::http

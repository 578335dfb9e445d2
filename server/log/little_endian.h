// Numbers as bytes in our files: little-endian, of a fixed size.

#ifndef TUCO_SERVER_LOG_LITTLE_ENDIAN_H_
#define TUCO_SERVER_LOG_LITTLE_ENDIAN_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace tuco::log {

// Appends the lowest `size` bytes of `value`.
inline void AppendNumber(std::uint64_t value, std::size_t size,
                         std::string& to) {
  for (std::size_t i = 0; i < size; ++i, value >>= 8) {
    to.push_back(static_cast<char>(value));
  }
}

// The number in all of `bytes`, 8 at most.
inline std::uint64_t NumberIn(std::string_view bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = bytes.size(); i-- > 0;) {
    value = value << 8 | static_cast<unsigned char>(bytes[i]);
  }
  return value;
}

}  // namespace tuco::log

#endif  // TUCO_SERVER_LOG_LITTLE_ENDIAN_H_

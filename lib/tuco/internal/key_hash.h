// A quick hash of a member's key, the same at compile time and at run time.
//
// It looks at 24 bytes of a key at most, so whoever builds on it must stay
// bounded when all hashes are equal.

#ifndef TUCO_INTERNAL_KEY_HASH_H_
#define TUCO_INTERNAL_KEY_HASH_H_

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <type_traits>

namespace tuco::internal {

// `Size` bytes as a little-endian number.
template <std::size_t Size>
constexpr std::uint64_t LoadBytes(const char* bytes) {
  if (std::is_constant_evaluated()) {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < Size; ++i) {
      value |= std::uint64_t{static_cast<unsigned char>(bytes[i])} << (8 * i);
    }
    return value;
  }
  std::conditional_t<Size == 8, std::uint64_t, std::uint32_t> value;
  static_assert(sizeof(value) == Size);
  std::memcpy(&value, bytes, Size);
  return value;
}

// The ends of a short text, which together are all of it up to 16 bytes.
struct KeyEnds {
  std::uint64_t front;
  std::uint64_t back;

  friend constexpr bool operator==(const KeyEnds&, const KeyEnds&) = default;
};

constexpr KeyEnds EndsOf(std::string_view key) {
  const char* p = key.data();
  const std::size_t size = key.size();
  if (size >= 8) return {LoadBytes<8>(p), LoadBytes<8>(p + size - 8)};
  if (size >= 4) return {LoadBytes<4>(p), LoadBytes<4>(p + size - 4)};
  if (size == 0) return {0, 0};
  const auto byte = [&](std::size_t i) {
    return std::uint64_t{static_cast<unsigned char>(p[i])};
  };
  return {byte(0) | byte(size / 2) << 8, byte(size - 1)};
}

constexpr std::uint32_t KeyHash(std::string_view key) {
  const KeyEnds ends = EndsOf(key);
  std::uint64_t hash = (ends.front ^ key.size()) * 0x9e3779b97f4a7c15;
  hash = (hash ^ (hash >> 32) ^ ends.back) * 0xc2b2ae3d27d4eb4f;
  if (key.size() > 16) {
    const char* middle = key.data() + key.size() / 2 - 4;
    hash = (hash ^ (hash >> 32) ^ LoadBytes<8>(middle)) * 0x165667b19e3779f9;
  }
  return static_cast<std::uint32_t>(hash >> 32);
}

constexpr bool SameKey(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  return EndsOf(a) == EndsOf(b) && (a.size() <= 16 || a == b);
}

}  // namespace tuco::internal

#endif  // TUCO_INTERNAL_KEY_HASH_H_

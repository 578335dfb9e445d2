// Finds, 64 bytes at a time, where a JSON string can end or go wrong: quotes,
// backslashes and control characters.
//
// With SSE2, which every x86-64 has, by words of eight bytes elsewhere. Both
// are compiled wherever they can be, so that tests hold one against the other.

#ifndef TUCO_INTERNAL_SPECIAL_BITS_H_
#define TUCO_INTERNAL_SPECIAL_BITS_H_

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace tuco::internal {

inline constexpr std::size_t kBlockSize = 64;

// Bit n is for byte n of a block.
struct SpecialBits {
  std::uint64_t special;
  std::uint64_t non_ascii;
};

inline SpecialBits FindSpecialByWords(const char* block) {
  static_assert(std::endian::native == std::endian::little);
  constexpr std::uint64_t kOnes = 0x0101010101010101;
  constexpr std::uint64_t kLow7 = 0x7f * kOnes;
  // The high bit of each byte that is zero, exactly.
  const auto zeros = [](std::uint64_t x) {
    return ~(((x & kLow7) + kLow7) | x | kLow7);
  };
  // The high bits of the eight bytes, side by side.
  const auto gather = [](std::uint64_t x) {
    return ((x >> 7 & kOnes) * 0x0102040810204080) >> 56;
  };
  SpecialBits bits = {0, 0};
  for (unsigned shift = 0; shift < kBlockSize; shift += 8) {
    std::uint64_t word;
    std::memcpy(&word, block + shift, sizeof(word));
    const std::uint64_t hits = zeros(word ^ (kOnes * '"')) |
                               zeros(word ^ (kOnes * '\\')) |
                               zeros(word & (kOnes * 0xe0));
    bits.special |= gather(hits) << shift;
    bits.non_ascii |= gather(word) << shift;
  }
  return bits;
}

#if defined(__SSE2__)

inline SpecialBits FindSpecial(const char* block) {
  const __m128i quote = _mm_set1_epi8('"');
  const __m128i backslash = _mm_set1_epi8('\\');
  const __m128i last_control = _mm_set1_epi8(0x1f);
  const auto bits = [](__m128i bytes) {
    return std::uint64_t{static_cast<unsigned>(_mm_movemask_epi8(bytes))};
  };
  SpecialBits result = {0, 0};
  for (unsigned shift = 0; shift < kBlockSize; shift += 16) {
    const __m128i bytes =
        _mm_loadu_si128(reinterpret_cast<const __m128i*>(block + shift));
    const __m128i delimiter = _mm_or_si128(_mm_cmpeq_epi8(bytes, quote),
                                           _mm_cmpeq_epi8(bytes, backslash));
    const __m128i control =
        _mm_cmpeq_epi8(_mm_min_epu8(bytes, last_control), bytes);
    result.special |= bits(_mm_or_si128(delimiter, control)) << shift;
    result.non_ascii |= bits(bytes) << shift;
  }
  return result;
}

#else

inline SpecialBits FindSpecial(const char* block) {
  return FindSpecialByWords(block);
}

#endif

}  // namespace tuco::internal

#endif  // TUCO_INTERNAL_SPECIAL_BITS_H_

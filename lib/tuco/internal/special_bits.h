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
  bool has_backslashes;
};

// What else there is to know of a block that has backslashes, as few have.
struct EscapeBits {
  std::uint64_t backslashes;
  std::uint64_t quotes;
};

// Of the backslashes of a block, a bit each, those that begin an escape: in
// each run of them the first, the third and so on. What stands in front of the
// block must not be a backslash that begins one.
//
// After Langdale and Lemire, "Parsing Gigabytes of JSON per Second" (2019),
// whose way it is to let an addition carry through runs of backslashes.
constexpr std::uint64_t EscapingBits(std::uint64_t backslashes) {
  constexpr std::uint64_t kEven = 0x5555'5555'5555'5555;
  const std::uint64_t begins = backslashes & ~(backslashes << 1);
  // Adding a run's first bit to it clears all of its bits and sets the one
  // behind.
  const std::uint64_t from_even =
      backslashes & ~(backslashes + (begins & kEven));
  const std::uint64_t from_odd = backslashes & ~from_even;
  return (from_even & kEven) | (from_odd & ~kEven);
}

// By words of eight bytes.
class SpecialWords {
 public:
  static SpecialBits Find(const char* block) {
    SpecialBits bits = {};
    std::uint64_t backslashes = 0;
    ForEachWord(block, [&](std::uint64_t word, unsigned shift) {
      const std::uint64_t backslash = Equal(word, '\\');
      const std::uint64_t hits =
          backslash | Equal(word, '"') | Zeros(word & (kOnes * 0xe0));
      bits.special |= Gather(hits) << shift;
      bits.non_ascii |= Gather(word) << shift;
      backslashes |= backslash;
    });
    bits.has_backslashes = backslashes != 0;
    return bits;
  }

  static EscapeBits FindEscapes(const char* block) {
    EscapeBits bits = {};
    ForEachWord(block, [&](std::uint64_t word, unsigned shift) {
      bits.backslashes |= Gather(Equal(word, '\\')) << shift;
      bits.quotes |= Gather(Equal(word, '"')) << shift;
    });
    return bits;
  }

 private:
  static_assert(std::endian::native == std::endian::little);
  static constexpr std::uint64_t kOnes = 0x0101010101010101;
  static constexpr std::uint64_t kLow7 = 0x7f * kOnes;

  template <typename Function>
  static void ForEachWord(const char* block, Function function) {
    for (unsigned shift = 0; shift < kBlockSize; shift += 8) {
      std::uint64_t word;
      std::memcpy(&word, block + shift, sizeof(word));
      function(word, shift);
    }
  }
  // The high bit of each byte that is zero, exactly.
  static std::uint64_t Zeros(std::uint64_t x) {
    return ~(((x & kLow7) + kLow7) | x | kLow7);
  }
  static std::uint64_t Equal(std::uint64_t word, unsigned char byte) {
    return Zeros(word ^ (kOnes * byte));
  }
  // The high bits of the eight bytes, side by side.
  static std::uint64_t Gather(std::uint64_t x) {
    return ((x >> 7 & kOnes) * 0x0102040810204080) >> 56;
  }
};

#if defined(__SSE2__)

// By vectors of 16 bytes.
class SpecialVectors {
 public:
  static SpecialBits Find(const char* block) {
    const __m128i last_control = _mm_set1_epi8(0x1f);
    SpecialBits result = {};
    __m128i backslashes = _mm_setzero_si128();
    for (unsigned shift = 0; shift < kBlockSize; shift += 16) {
      const __m128i bytes = Load(block + shift);
      const __m128i backslash = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\'));
      const __m128i delimiter =
          _mm_or_si128(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('"')), backslash);
      const __m128i control =
          _mm_cmpeq_epi8(_mm_min_epu8(bytes, last_control), bytes);
      result.special |= Bits(_mm_or_si128(delimiter, control)) << shift;
      result.non_ascii |= Bits(bytes) << shift;
      backslashes = _mm_or_si128(backslashes, backslash);
    }
    result.has_backslashes = Bits(backslashes) != 0;
    return result;
  }

  static EscapeBits FindEscapes(const char* block) {
    EscapeBits result = {};
    for (unsigned shift = 0; shift < kBlockSize; shift += 16) {
      const __m128i bytes = Load(block + shift);
      result.backslashes |= Bits(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\')))
                            << shift;
      result.quotes |= Bits(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('"'))) << shift;
    }
    return result;
  }

 private:
  static __m128i Load(const char* at) {
    return _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
  }
  static std::uint64_t Bits(__m128i bytes) {
    return static_cast<unsigned>(_mm_movemask_epi8(bytes));
  }
};

using SpecialBytes = SpecialVectors;

#else

using SpecialBytes = SpecialWords;

#endif

}  // namespace tuco::internal

#endif  // TUCO_INTERNAL_SPECIAL_BITS_H_

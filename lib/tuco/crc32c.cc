#include "tuco/crc32c.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>

#include "tuco/internal/crc32c_paths.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace tuco {
namespace internal {
namespace {

// The polynomial 0x1EDC6F41 with its bits reversed.
constexpr std::uint32_t kPolynomial = 0x82f63b78;

constexpr auto kTable = [] {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t byte = 0; byte < table.size(); ++byte) {
    std::uint32_t value = byte;
    for (int bit = 0; bit < 8; ++bit) {
      value = (value >> 1) ^ ((value & 1) != 0 ? kPolynomial : 0);
    }
    table[byte] = value;
  }
  return table;
}();

}  // namespace

std::uint32_t ExtendCrc32cByTable(std::uint32_t crc, std::string_view bytes) {
  crc = ~crc;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    crc = (crc >> 8) ^ kTable[(crc ^ byte) & 0xff];
  }
  return ~crc;
}

#if defined(__x86_64__)

namespace {

// The instruction takes three cycles and can begin one in every cycle, so that
// three thirds of a text take as long as one does alone. How they come together
// again is in Gopal et al., "Fast CRC Computation for iSCSI Polynomial Using
// CRC32 Instruction" (Intel, 2011).
constexpr std::size_t kLanes = 3;
constexpr std::size_t kLaneWordsMax = 128;
// Shorter than this, the coming together takes longer than the lanes save.
constexpr std::size_t kLanesBytesMin = 128;

// At n, x^(64n - 33) modulo the polynomial: what a checksum is multiplied by
// when n words of zeros come behind it. The 33 are what multiplying and
// reducing by these instructions brings besides.
constexpr auto kWordsOfZeros = [] {
  std::array<std::uint32_t, (kLanes - 1) * kLaneWordsMax + 1> factors{};
  std::uint32_t power = 0x80000000;  // x^0, its bits reversed.
  const auto multiply_by_x = [&power](int times) {
    for (; times > 0; --times) {
      power = (power >> 1) ^ ((power & 1) != 0 ? kPolynomial : 0);
    }
  };
  multiply_by_x(64 - 33);
  for (std::size_t words = 1; words < factors.size(); ++words) {
    factors[words] = power;
    multiply_by_x(64);
  }
  return factors;
}();

std::uint64_t WordAt(const char* p) {
  std::uint64_t word;
  std::memcpy(&word, p, sizeof(word));
  return word;
}

// `crc` when so many words of zeros follow.
__attribute__((target("sse4.2,pclmul"))) std::uint64_t FollowedByZeros(
    std::uint64_t crc, std::size_t words) {
  const auto bits = static_cast<std::int64_t>(crc);
  const __m128i product = _mm_clmulepi64_si128(
      _mm_cvtsi64_si128(bits), _mm_cvtsi64_si128(kWordsOfZeros[words]), 0);
  return _mm_crc32_u64(0,
                       static_cast<std::uint64_t>(_mm_cvtsi128_si64(product)));
}

// Over three lanes of so many words each.
__attribute__((target("sse4.2,pclmul"))) std::uint64_t ExtendByLanes(
    std::uint64_t crc, const char* p, std::size_t words) {
  const std::size_t lane_bytes = words * sizeof(std::uint64_t);
  std::uint64_t second = 0;
  std::uint64_t third = 0;
  for (const char* const end = p + lane_bytes; p != end; p += 8) {
    crc = _mm_crc32_u64(crc, WordAt(p));
    second = _mm_crc32_u64(second, WordAt(p + lane_bytes));
    third = _mm_crc32_u64(third, WordAt(p + 2 * lane_bytes));
  }
  return FollowedByZeros(crc, 2 * words) ^ FollowedByZeros(second, words) ^
         third;
}

}  // namespace

bool HasCrc32cInstruction() {
  return __builtin_cpu_supports("sse4.2") != 0 &&
         __builtin_cpu_supports("pclmul") != 0;
}

__attribute__((target("sse4.2,pclmul"))) std::uint32_t
ExtendCrc32cByInstruction(std::uint32_t crc, std::string_view bytes) {
  std::uint64_t value = ~crc;
  const char* p = bytes.data();
  std::size_t left = bytes.size();
  while (left >= kLanesBytesMin) {
    const std::size_t words =
        std::min(left / (kLanes * sizeof(std::uint64_t)), kLaneWordsMax);
    value = ExtendByLanes(value, p, words);
    p += kLanes * words * sizeof(std::uint64_t);
    left -= kLanes * words * sizeof(std::uint64_t);
  }
  for (; left >= 8; p += 8, left -= 8) {
    value = _mm_crc32_u64(value, WordAt(p));
  }
  auto rest = static_cast<std::uint32_t>(value);
  for (; left > 0; ++p, --left) {
    rest = _mm_crc32_u8(rest, static_cast<unsigned char>(*p));
  }
  return ~rest;
}

#else

bool HasCrc32cInstruction() { return false; }

std::uint32_t ExtendCrc32cByInstruction(std::uint32_t crc,
                                        std::string_view bytes) {
  return ExtendCrc32cByTable(crc, bytes);
}

#endif

}  // namespace internal

std::uint32_t ExtendCrc32c(std::uint32_t crc, std::string_view bytes) {
  return internal::HasCrc32cInstruction()
             ? internal::ExtendCrc32cByInstruction(crc, bytes)
             : internal::ExtendCrc32cByTable(crc, bytes);
}

}  // namespace tuco

#include "tuco/crc32c.h"

#include <array>
#include <cstddef>
#include <cstring>

#include "tuco/internal/crc32c_paths.h"

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

bool HasCrc32cInstruction() { return __builtin_cpu_supports("sse4.2") != 0; }

__attribute__((target("sse4.2"))) std::uint32_t ExtendCrc32cByInstruction(
    std::uint32_t crc, std::string_view bytes) {
  std::uint64_t value = ~crc;
  const char* p = bytes.data();
  std::size_t left = bytes.size();
  for (; left >= 8; p += 8, left -= 8) {
    std::uint64_t word;
    std::memcpy(&word, p, sizeof(word));
    value = __builtin_ia32_crc32di(value, word);
  }
  auto rest = static_cast<std::uint32_t>(value);
  for (; left > 0; ++p, --left) {
    rest = __builtin_ia32_crc32qi(rest, static_cast<unsigned char>(*p));
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

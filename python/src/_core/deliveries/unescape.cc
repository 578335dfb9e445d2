#include "_core/deliveries/unescape.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "tuco/internal/json_text.h"
#include "tuco/internal/special_bits.h"
#include "tuco/internal/utf8.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace tuco::python::deliveries {
namespace {

using internal::EscapeBits;
using internal::kBlockSize;

// Copies the first `size` bytes of a block without those whose bits are set in
// `drop`, and up to seven of anything behind them; returns the end of those.
using Compress = char* (*)(const char* block, std::uint64_t drop,
                           std::size_t size, char* to);

char* CompressByBytes(const char* block, std::uint64_t drop, std::size_t size,
                      char* to) {
  for (std::size_t i = 0; i < size; ++i) {
    *to = block[i];
    to += ~drop >> i & 1;
  }
  return to;
}

#if defined(__x86_64__)

// Eight bytes at a time, without a branch for each that goes.
__attribute__((target("bmi2,popcnt"))) char* CompressByWords(const char* block,
                                                             std::uint64_t drop,
                                                             std::size_t size,
                                                             char* to) {
  constexpr std::uint64_t kOnes = 0x0101'0101'0101'0101;
  for (std::size_t i = 0; i < size; i += 8) {
    std::uint64_t word;
    std::memcpy(&word, block + i, sizeof(word));
    const std::uint64_t dropped = drop >> i & 0xff;
    word = _pext_u64(word, ~(_pdep_u64(dropped, kOnes) * 0xff));
    std::memcpy(to, &word, sizeof(word));
    to += 8 - std::popcount(dropped);
  }
  // Of the last word some lie behind the end, none of which was dropped.
  return to - (0 - size) % 8;
}

bool HasWordsPath() {
  return __builtin_cpu_supports("bmi2") != 0 &&
         __builtin_cpu_supports("popcnt") != 0;
}

#else

constexpr Compress CompressByWords = CompressByBytes;
bool HasWordsPath() { return false; }

#endif

}  // namespace

void Unescape(std::string_view raw, std::string& text) {
  static const Compress compress =
      HasWordsPath() ? CompressByWords : CompressByBytes;
  text.resize(raw.size() + kBlockSize);
  char* to = text.data();
  std::array<char, kBlockSize> last;
  while (!raw.empty()) {
    const char* block = raw.data();
    const std::size_t size = std::min(raw.size(), kBlockSize);
    if (size < kBlockSize) {
      last.fill(' ');
      raw.copy(last.data(), size);
      block = last.data();
    }
    const EscapeBits bits = internal::SpecialBytes::FindEscapes(block);
    const std::uint64_t escaping = internal::EscapingBits(bits.backslashes);
    // A quote or a backslash stands for itself behind one that goes.
    const std::uint64_t other =
        escaping & ~((bits.backslashes | bits.quotes) >> 1);
    const auto easy =
        std::min(size, static_cast<std::size_t>(std::countr_zero(other)));
    const std::uint64_t within =
        easy == kBlockSize ? escaping
                           : escaping & ((std::uint64_t{1} << easy) - 1);
    to = compress(block, within, easy, to);
    raw.remove_prefix(easy);
    if (easy == size) continue;
    const internal::Escape escape = internal::ReadEscape(raw);
    if (escape.size == 0) break;  // Never by the reader.
    std::string character;
    internal::AppendUtf8(escape.value, character);
    to = std::copy(character.begin(), character.end(), to);
    raw.remove_prefix(escape.size);
  }
  text.resize(static_cast<std::size_t>(to - text.data()));
}

}  // namespace tuco::python::deliveries

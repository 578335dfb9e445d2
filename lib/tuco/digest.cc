#include "tuco/digest.h"

#include <cstddef>
#include <cstring>

namespace tuco {
namespace {

constexpr char kHexDigits[] = "0123456789abcdef";

// Both digits of every byte value, so that a byte costs one two-byte copy.
constexpr auto kHexPairs = [] {
  std::array<char, 512> pairs{};
  for (std::size_t byte = 0; byte < 256; ++byte) {
    pairs[2 * byte] = kHexDigits[byte >> 4];
    pairs[2 * byte + 1] = kHexDigits[byte & 15];
  }
  return pairs;
}();

}  // namespace

std::string ToHex(std::string_view bytes) {
  std::string hex(2 * bytes.size(), '\0');
  char* out = hex.data();
  for (const char byte : bytes) {
    const std::size_t pair = 2 * std::size_t{static_cast<unsigned char>(byte)};
    std::memcpy(out, &kHexPairs[pair], 2);
    out += 2;
  }
  return hex;
}

std::string ToHex(const Digest& digest) {
  return ToHex(std::string_view(reinterpret_cast<const char*>(digest.data()),
                                digest.size()));
}

std::optional<Digest> DigestFromHex(std::string_view hex) {
  Digest digest;
  constexpr std::size_t kDigits = 2 * std::tuple_size_v<Digest>;
  if (hex.size() != kDigits) return std::nullopt;
  // Without a branch or a table, so that the compiler makes it a few vector
  // instructions for all digits at once.
  std::array<std::uint8_t, kDigits> values;
  std::uint8_t not_digits = 0;
  for (std::size_t i = 0; i < kDigits; ++i) {
    const auto c = static_cast<std::uint8_t>(hex[i]);
    const auto decimal = static_cast<std::uint8_t>(c - '0');
    const auto letter = static_cast<std::uint8_t>((c | 0x20) - 'a');
    const std::uint8_t is_decimal = decimal < 10 ? 0xff : 0;
    const std::uint8_t is_letter = letter < 6 ? 0xff : 0;
    values[i] = static_cast<std::uint8_t>((decimal & is_decimal) |
                                          ((letter + 10) & is_letter));
    not_digits |= static_cast<std::uint8_t>(~(is_decimal | is_letter));
  }
  if (not_digits != 0) return std::nullopt;
  for (std::size_t i = 0; i < digest.size(); ++i) {
    digest[i] =
        static_cast<std::uint8_t>(values[2 * i] << 4 | values[2 * i + 1]);
  }
  return digest;
}

}  // namespace tuco

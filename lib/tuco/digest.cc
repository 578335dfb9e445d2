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

// Every value but a digit's has a bit above the low four set.
constexpr std::uint8_t kNotADigit = 0xff;

constexpr auto kHexValues = [] {
  std::array<std::uint8_t, 256> values{};
  values.fill(kNotADigit);
  for (std::uint8_t value = 0; value < 16; ++value) {
    const auto digit = static_cast<unsigned char>(kHexDigits[value]);
    values[digit] = value;
    if (value >= 10) values[digit - 'a' + 'A'] = value;
  }
  return values;
}();

std::uint8_t HexValue(char digit) {
  return kHexValues[static_cast<unsigned char>(digit)];
}

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
  if (hex.size() != 2 * digest.size()) return std::nullopt;
  // One check at the end: no branch depends on the digits before it.
  unsigned seen = 0;
  for (std::size_t i = 0; i < digest.size(); ++i) {
    const unsigned high = HexValue(hex[2 * i]);
    const unsigned low = HexValue(hex[2 * i + 1]);
    seen |= high | low;
    digest[i] = static_cast<std::uint8_t>(high << 4 | low);
  }
  if (seen > 15) return std::nullopt;
  return digest;
}

}  // namespace tuco

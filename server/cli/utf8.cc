#include "server/cli/utf8.h"

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace tuco::cli {
namespace {

// What the first byte of a sequence says: its length and its own bits.
struct Lead {
  std::size_t length = 0;  // 0: no sequence begins so.
  char32_t bits = 0;
  char32_t least = 0;  // Below it a shorter spelling exists.
};

Lead ReadLead(unsigned char byte) {
  if (byte < 0x80) return {1, byte, 0};
  if ((byte & 0xE0) == 0xC0) return {2, byte & 0x1FU, 0x80};
  if ((byte & 0xF0) == 0xE0) return {3, byte & 0x0FU, 0x800};
  if ((byte & 0xF8) == 0xF0) return {4, byte & 0x07U, 0x10000};
  return {};
}

// Nearly all text is ASCII, which needs no look at each byte.
constexpr std::size_t kAsciiRun = 8;

bool BeginsWithAscii(std::string_view text) {
  std::uint64_t bytes = 0;
  if (text.size() < sizeof bytes) return false;
  static_assert(sizeof bytes == kAsciiRun);
  std::memcpy(&bytes, text.data(), sizeof bytes);
  return (bytes & 0x8080808080808080U) == 0;
}

bool IsScalar(char32_t point) {
  return point <= 0x10FFFF && (point < 0xD800 || point > 0xDFFF);
}

}  // namespace

std::optional<char32_t> TakeCodePoint(std::string_view& text) {
  const std::string_view rest = text;
  text.remove_prefix(1);
  const Lead lead = ReadLead(static_cast<unsigned char>(rest.front()));
  if (lead.length == 0 || lead.length > rest.size()) return std::nullopt;
  char32_t point = lead.bits;
  for (std::size_t i = 1; i < lead.length; ++i) {
    const auto byte = static_cast<unsigned char>(rest[i]);
    if ((byte & 0xC0) != 0x80) return std::nullopt;
    point = (point << 6) | (byte & 0x3FU);
  }
  if (point < lead.least || !IsScalar(point)) return std::nullopt;
  text = rest.substr(lead.length);
  return point;
}

bool IsUtf8(std::string_view text) {
  while (!text.empty()) {
    if (BeginsWithAscii(text)) {
      text.remove_prefix(kAsciiRun);
    } else if (!TakeCodePoint(text).has_value()) {
      return false;
    }
  }
  return true;
}

}  // namespace tuco::cli

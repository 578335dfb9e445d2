#include "tuco/internal/json_text.h"

#include "tuco/internal/utf8.h"

namespace tuco::internal {
namespace {

constexpr std::size_t kUnitSize = 6;  // \uXXXX
constexpr char32_t kNoUnit = 0x10000;

bool IsHighSurrogate(char32_t unit) { return (unit & ~0x3ffu) == 0xd800; }
bool IsLowSurrogate(char32_t unit) { return (unit & ~0x3ffu) == 0xdc00; }

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char lower = static_cast<char>(c | 0x20);
  if (lower >= 'a' && lower <= 'f') return lower - 'a' + 10;
  return -1;
}

// The UTF-16 unit of `\uXXXX` at the front of `text`, or kNoUnit.
char32_t ReadUnit(std::string_view text) {
  if (text.size() < kUnitSize || text[0] != '\\' || text[1] != 'u') {
    return kNoUnit;
  }
  char32_t unit = 0;
  for (std::size_t i = 2; i < kUnitSize; ++i) {
    const int digit = HexDigit(text[i]);
    if (digit < 0) return kNoUnit;
    unit = unit << 4 | static_cast<char32_t>(digit);
  }
  return unit;
}

Escape ReadUnicodeEscape(std::string_view text) {
  const char32_t unit = ReadUnit(text);
  if (unit == kNoUnit) return {0, 0, false};
  if (IsLowSurrogate(unit)) return {unit, kUnitSize, true};
  if (!IsHighSurrogate(unit)) return {unit, kUnitSize, false};
  const char32_t next = ReadUnit(text.substr(kUnitSize));
  if (!IsLowSurrogate(next)) return {unit, kUnitSize, true};
  const char32_t value = 0x10000 + ((unit & 0x3ff) << 10 | (next & 0x3ff));
  return {value, 2 * kUnitSize, false};
}

}  // namespace

Escape ReadEscape(std::string_view text) {
  if (text.size() < 2) return {0, 0, false};
  switch (text[1]) {
    case '"':
    case '\\':
    case '/':
      return {static_cast<unsigned char>(text[1]), 2, false};
    case 'b':
      return {'\b', 2, false};
    case 'f':
      return {'\f', 2, false};
    case 'n':
      return {'\n', 2, false};
    case 'r':
      return {'\r', 2, false};
    case 't':
      return {'\t', 2, false};
    case 'u':
      return ReadUnicodeEscape(text);
    default:
      return {0, 0, false};
  }
}

void AppendJsonText(std::string_view raw, LoneSurrogate lone,
                    std::string& out) {
  out.reserve(out.size() + raw.size());
  while (!raw.empty()) {
    const std::size_t plain = raw.find('\\');
    AppendWellFormed(raw.substr(0, plain), out);
    if (plain == std::string_view::npos) return;
    raw.remove_prefix(plain);
    const Escape escape = ReadEscape(raw);
    if (escape.size == 0) return;  // Not a valid string; never by the reader.
    const bool replace =
        escape.lone_surrogate && lone == LoneSurrogate::kReplace;
    AppendUtf8(replace ? kReplacement : escape.value, out);
    raw.remove_prefix(escape.size);
  }
}

}  // namespace tuco::internal

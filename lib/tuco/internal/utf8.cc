#include "tuco/internal/utf8.h"

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace tuco::internal {
namespace {

constexpr std::uint64_t kHighBits = 0x8080808080808080;
constexpr std::size_t kWordSize = sizeof(kHighBits);

unsigned Byte(std::string_view text, std::size_t index) {
  return static_cast<unsigned char>(text[index]);
}

// What a lead byte promises: how many bytes follow, its payload, and the range
// of the first of them (narrower than 80..BF after E0, ED, F0 and F4).
struct Lead {
  std::size_t following;
  char32_t payload;
  unsigned second_min = 0x80;
  unsigned second_max = 0xbf;
};

Lead ReadLead(unsigned byte) {
  if (byte >= 0xc2 && byte <= 0xdf) return {1, byte & 0x1f};
  if (byte == 0xe0) return {2, byte & 0x0f, 0xa0};
  if (byte == 0xed) return {2, byte & 0x0f, 0x80, 0x9f};
  if (byte >= 0xe1 && byte <= 0xef) return {2, byte & 0x0f};
  if (byte == 0xf0) return {3, byte & 0x07, 0x90};
  if (byte == 0xf4) return {3, byte & 0x07, 0x80, 0x8f};
  if (byte >= 0xf1 && byte <= 0xf3) return {3, byte & 0x07};
  return {0, 0};
}

CodePoint DecodeMultiByte(std::string_view text) {
  const Lead lead = ReadLead(Byte(text, 0));
  if (lead.following == 0) return {kReplacement, 1, false};
  char32_t value = lead.payload;
  unsigned min = lead.second_min;
  unsigned max = lead.second_max;
  for (std::size_t i = 1; i <= lead.following; ++i) {
    if (i == text.size()) return {kReplacement, i, false};
    const unsigned byte = Byte(text, i);
    if (byte < min || byte > max) return {kReplacement, i, false};
    value = value << 6 | (byte & 0x3f);
    min = 0x80;
    max = 0xbf;
  }
  return {value, lead.following + 1, true};
}

// How many bytes at the front of `text` are ASCII for certain.
std::size_t AsciiPrefix(std::string_view text) {
  std::size_t size = 0;
  std::uint64_t word;
  for (; size + kWordSize <= text.size(); size += kWordSize) {
    std::memcpy(&word, text.data() + size, kWordSize);
    if ((word & kHighBits) != 0) return size;
  }
  return size;
}

// How many bytes at the front of `text` are well-formed.
std::size_t WellFormedPrefix(std::string_view text) {
  std::size_t size = 0;
  while (size < text.size()) {
    size += AsciiPrefix(text.substr(size));
    // To the end of the word that is not all ASCII, or of the text.
    const std::size_t stop = std::min(size + kWordSize, text.size());
    while (size < stop) {
      if (Byte(text, size) < 0x80) {
        ++size;
        continue;
      }
      const CodePoint point = DecodeMultiByte(text.substr(size));
      if (!point.well_formed) return size;
      size += point.size;
    }
  }
  return size;
}

}  // namespace

CodePoint DecodeUtf8(std::string_view text) {
  const unsigned first = Byte(text, 0);
  if (first < 0x80) return {first, 1, true};
  return DecodeMultiByte(text);
}

bool IsWellFormedUtf8(std::string_view text) {
  return WellFormedPrefix(text) == text.size();
}

void AppendWellFormed(std::string_view text, std::string& out) {
  while (true) {
    const std::size_t size = WellFormedPrefix(text);
    out.append(text.substr(0, size));
    text.remove_prefix(size);
    if (text.empty()) return;
    AppendUtf8(kReplacement, out);
    text.remove_prefix(DecodeUtf8(text).size);
  }
}

void AppendUtf8(char32_t value, std::string& out) {
  const auto tail = [&](unsigned shift) {
    out.push_back(static_cast<char>(0x80 | ((value >> shift) & 0x3f)));
  };
  if (value < 0x80) {
    out.push_back(static_cast<char>(value));
  } else if (value < 0x800) {
    out.push_back(static_cast<char>(0xc0 | (value >> 6)));
    tail(0);
  } else if (value < 0x10000) {
    out.push_back(static_cast<char>(0xe0 | (value >> 12)));
    tail(6);
    tail(0);
  } else {
    out.push_back(static_cast<char>(0xf0 | (value >> 18)));
    tail(12);
    tail(6);
    tail(0);
  }
}

}  // namespace tuco::internal

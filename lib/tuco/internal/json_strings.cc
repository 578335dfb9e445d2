#include "tuco/internal/json_strings.h"

#include <array>

#include "tuco/internal/json_text.h"
#include "tuco/internal/special_bits.h"
#include "tuco/internal/utf8.h"

namespace tuco::internal {
namespace {

// The last block of a text, filled up with blanks.
SpecialBits FindSpecialInTail(std::string_view tail) {
  std::array<char, kBlockSize> block;
  block.fill(' ');
  tail.copy(block.data(), block.size());
  return FindSpecial(block.data());
}

}  // namespace

void JsonStrings::Start(std::string_view source) {
  begin_ = source.data();
  end_ = source.data() + source.size();
  bits_.Clear();
  std::uint64_t non_ascii = 0;
  const auto add = [&](const SpecialBits& bits) {
    bits_.Append() = bits.special;
    non_ascii |= bits.non_ascii;
  };
  std::size_t at = 0;
  for (; source.size() - at >= kBlockSize; at += kBlockSize) {
    add(FindSpecial(begin_ + at));
  }
  add(FindSpecialInTail(source.substr(at)));
  bad_utf8_ = non_ascii != 0 && !IsWellFormedUtf8(source);
  index_ = 0;
  word_ = bits_[0];
}

StringScan JsonStrings::ScanOdd(const char* quote) {
  constexpr StringScan kError = {nullptr, false, false};
  const char* begin = quote + 1;
  const char* at = odd_;
  bool escaped = false;
  bool lone_surrogate = false;
  while (at != end_ && *at == '\\') {
    const Escape escape = ReadEscape({at, static_cast<std::size_t>(end_ - at)});
    if (escape.size == 0) return kError;
    escaped = true;
    lone_surrogate |= escape.lone_surrogate;
    at = Take(at + escape.size);
  }
  if (at == end_ || *at != '"') return kError;
  const std::string_view text(begin, static_cast<std::size_t>(at - begin));
  const bool ill_formed =
      lone_surrogate || (bad_utf8_ && !IsWellFormedUtf8(text));
  return {at, escaped, ill_formed};
}

}  // namespace tuco::internal

#include "tuco/internal/json_strings.h"

#include <algorithm>
#include <array>

#include "tuco/internal/json_text.h"
#include "tuco/internal/utf8.h"

namespace tuco::internal {

void JsonStrings::Start(std::string_view source) {
  begin_ = source.data();
  end_ = source.data() + source.size();
  bits_.Clear();
  easy_.Clear();
  block_begins_escaped_ = false;
  std::uint64_t non_ascii = 0;
  const auto add = [&](const char* block) {
    const SpecialBits bits = SpecialBytes::Find(block);
    non_ascii |= bits.non_ascii;
    std::uint64_t special = bits.special;
    if (bits.has_backslashes) [[unlikely]] {
      special &= ~TakeEasy(SpecialBytes::FindEscapes(block));
    } else {
      block_begins_escaped_ = false;
    }
    bits_.Append() = special;
  };
  std::size_t at = 0;
  for (; source.size() - at >= kBlockSize; at += kBlockSize) add(begin_ + at);
  // What is left, filled up with blanks.
  std::array<char, kBlockSize> last;
  last.fill(' ');
  source.copy(last.data(), last.size(), at);
  add(last.data());
  bad_utf8_ = non_ascii != 0 && !IsWellFormedUtf8(source);
  odd_somewhere_ = bad_utf8_ || !easy_.empty();
  index_ = 0;
  word_ = bits_[0];
}

// Notes the easy escapes of the block whose bits are added next; returns them
// with their backslashes.
std::uint64_t JsonStrings::TakeEasy(const EscapeBits& bits) {
  const auto escaped = std::uint64_t{block_begins_escaped_};
  const std::uint64_t escaping = EscapingBits(bits.backslashes & ~escaped);
  block_begins_escaped_ = escaping >> (kBlockSize - 1) != 0;
  const std::uint64_t easy = (escaping << 1) & (bits.backslashes | bits.quotes);
  if (easy == 0) return 0;
  while (easy_.size() < bits_.size()) easy_.Append() = 0;
  easy_.Append() = easy;
  return easy | easy >> 1;
}

bool JsonStrings::HasEasy(const char* from, const char* to) const {
  const auto first = static_cast<std::size_t>(from - begin_);
  const auto end = static_cast<std::size_t>(to - begin_);
  const std::size_t words =
      std::min((end + kBlockSize - 1) / kBlockSize, easy_.size());
  for (std::size_t i = first / kBlockSize; i < words; ++i) {
    std::uint64_t word = easy_[i];
    if (i == first / kBlockSize)
      word &= ~std::uint64_t{0} << first % kBlockSize;
    if (i == end / kBlockSize) {
      word &= (std::uint64_t{1} << end % kBlockSize) - 1;
    }
    if (word != 0) return true;
  }
  return false;
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
  escaped = escaped || HasEasy(begin, at);
  const std::string_view text(begin, static_cast<std::size_t>(at - begin));
  const bool ill_formed =
      lone_surrogate || (bad_utf8_ && !IsWellFormedUtf8(text));
  return {at, escaped, ill_formed};
}

}  // namespace tuco::internal

// Scans the strings of a JSON text.
//
// The text's quotes, backslashes and control characters are found first, all
// at once. That takes the load, compare and count of one string's end out of
// the way of the next string, which otherwise waits for it. Escaped quotes and
// backslashes are no more than noted down: JSON within a string is full of
// them.

#ifndef TUCO_INTERNAL_JSON_STRINGS_H_
#define TUCO_INTERNAL_JSON_STRINGS_H_

#include <bit>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "tuco/internal/inline_buffer.h"
#include "tuco/internal/special_bits.h"

namespace tuco::internal {

struct StringScan {
  const char* end;  // The closing quote; nullptr when it is not a string.
  bool escaped;     // Some character is spelt with a backslash.
  bool ill_formed;  // Invalid UTF-8 or a lone surrogate.
};

// One thread at a time; refers to the source.
class JsonStrings {
 public:
  void Start(std::string_view source);

  // The source is not well-formed UTF-8.
  bool bad_utf8() const { return bad_utf8_; }

  // Each of these is for the string whose opening quote is at `quote`. Calls
  // must go through the source from its beginning to its end.

  // The closing quote of a plain string, in which nothing is escaped or
  // ill-formed; nullptr for any other, which ScanOdd is for.
  const char* ScanPlain(const char* quote) {
    const char* end = TakePair(quote);
    if (end != end_ && *end == '"' && !odd_somewhere_) [[likely]]
      return end;
    odd_ = end;
    return nullptr;
  }

  // After ScanPlain has given nullptr for the same string.
  StringScan ScanOdd(const char* quote);

  // Either of the two.
  StringScan Scan(const char* quote) {
    const char* end = ScanPlain(quote);
    return end != nullptr ? StringScan{end, false, false} : ScanOdd(quote);
  }

 private:
  // The first special byte behind the one at `quote`. Mostly both are in the
  // word at hand, which is then read and written once.
  const char* TakePair(const char* quote) {
    const char* block = begin_ + index_ * 64;
    const std::uint64_t word = word_;
    const std::uint64_t rest = word & (word - 1);
    if (rest != 0 && block + std::countr_zero(word) == quote) [[likely]] {
      word_ = rest & (rest - 1);
      return block + std::countr_zero(rest);
    }
    Take(quote);
    return Take(quote + 1);
  }

  // The first special byte at `from` or behind it; the end without one.
  const char* Take(const char* from) {
    while (true) {
      while (word_ == 0) {
        if (++index_ >= bits_.size()) return end_;
        word_ = bits_[index_];
      }
      const char* at = begin_ + index_ * 64 + std::countr_zero(word_);
      word_ &= word_ - 1;
      // Only control characters between tokens and the second byte of an
      // escape are passed over.
      if (at >= from) [[likely]]
        return at;
    }
  }

  std::uint64_t TakeEasy(const EscapeBits& bits);
  bool HasEasy(const char* from, const char* to) const;

  const char* begin_ = nullptr;
  const char* end_ = nullptr;
  const char* odd_ = nullptr;  // Where ScanPlain gave up.
  bool bad_utf8_ = false;
  bool odd_somewhere_ = false;         // Not all strings are plain for certain.
  bool block_begins_escaped_ = false;  // In Start.
  std::size_t index_ = 0;              // Of the word that `word_` is from.
  std::uint64_t word_ = 0;             // What is left of it.
  // Bit n of a block's word is for its byte n.
  InlineBuffer<std::uint64_t, 32> bits_;  // What is special and not easy.
  // Quotes and backslashes behind a backslash in the same block; none in blocks
  // beyond these.
  InlineBuffer<std::uint64_t, 32> easy_;
};

}  // namespace tuco::internal

#endif  // TUCO_INTERNAL_JSON_STRINGS_H_

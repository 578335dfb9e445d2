// UTF-8 as the WHATWG's decoder reads it: each maximal subpart of an
// ill-formed sequence counts as one U+FFFD.
//
// Pure functions, safe for concurrent use.

#ifndef TUCO_INTERNAL_UTF8_H_
#define TUCO_INTERNAL_UTF8_H_

#include <cstddef>
#include <string>
#include <string_view>

namespace tuco::internal {

inline constexpr char32_t kReplacement = 0xfffd;

struct CodePoint {
  char32_t value;    // kReplacement when ill-formed.
  std::size_t size;  // Bytes taken, at least one.
  bool well_formed;
};

// The code point at the front of `text`, which must not be empty.
CodePoint DecodeUtf8(std::string_view text);

bool IsWellFormedUtf8(std::string_view text);

// Appends `text` with U+FFFD for what is ill-formed.
void AppendWellFormed(std::string_view text, std::string& out);

// Appends the UTF-8 of `value`; a surrogate is spelt in three bytes as if it
// were a character, which is not well-formed.
void AppendUtf8(char32_t value, std::string& out);

}  // namespace tuco::internal

#endif  // TUCO_INTERNAL_UTF8_H_

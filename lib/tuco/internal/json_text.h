// What a JSON string says, as UTF-8.
//
// Pure functions, safe for concurrent use.

#ifndef TUCO_INTERNAL_JSON_TEXT_H_
#define TUCO_INTERNAL_JSON_TEXT_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace tuco::internal {

// One escape, or a surrogate pair of two.
struct Escape {
  char32_t value;
  std::uint8_t size;  // Bytes with the backslash; zero when it is not one.
  bool lone_surrogate;
};

// The escape at the front of `text`, which begins with a backslash.
Escape ReadEscape(std::string_view text);

// What becomes of a surrogate without its other half.
enum class LoneSurrogate {
  kReplace,  // U+FFFD; the result is well-formed.
  kKeep,     // Three bytes as if it were a character; the result tells
             // different strings apart exactly as JavaScript does.
};

// Appends what stands between the quotes of a valid JSON string; invalid UTF-8
// in it becomes U+FFFD.
void AppendJsonText(std::string_view raw, LoneSurrogate lone, std::string& out);

}  // namespace tuco::internal

#endif  // TUCO_INTERNAL_JSON_TEXT_H_

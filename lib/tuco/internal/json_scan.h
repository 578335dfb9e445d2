// The tokens of RFC 8259 but strings, as V8's JSON.parse takes them.
//
// Each function is given where a token starts and where the text ends, and
// returns where the token ends or nullptr when the text is not JSON there.

#ifndef TUCO_INTERNAL_JSON_SCAN_H_
#define TUCO_INTERNAL_JSON_SCAN_H_

#include <cstdint>

namespace tuco::internal {

enum class JsonKind : std::uint8_t {
  kNull,
  kFalse,
  kTrue,
  kNumber,
  kString,
  kArray,
  kObject,
  kOpaque,  // An array or object beyond the depth that is read.
};

inline bool IsJsonBlank(char c) {
  return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

inline const char* SkipBlanks(const char* p, const char* end) {
  // What JSON.stringify writes has no blanks.
  if (p != end && static_cast<unsigned char>(*p) > ' ') [[likely]]
    return p;
  while (p != end && IsJsonBlank(*p)) ++p;
  return p;
}

struct WordScan {
  const char* end;
  JsonKind kind;
};

// A number, true, false or null; `p` is anywhere but at the end.
WordScan ScanWordOrNumber(const char* p, const char* end);

}  // namespace tuco::internal

#endif  // TUCO_INTERNAL_JSON_SCAN_H_

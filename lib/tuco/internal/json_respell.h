// JSON texts printed again with other blanks or \u escapes. Numbers, the order
// of members and all else stay as they are spelt.
//
// Pure functions, safe for concurrent use.

#ifndef TUCO_INTERNAL_JSON_RESPELL_H_
#define TUCO_INTERNAL_JSON_RESPELL_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tuco::internal {

enum class JsonSpacing : std::uint8_t {
  kCompact,     // As JSON.stringify(value).
  kTwoBlanks,   // As JSON.stringify(value, null, 2).
  kFourBlanks,  // The same with four.
  kTab,         // The same with a tab.
  kPython,      // As json.dumps(value): a blank behind each comma and colon.
};

// `source`, which must be JSON (JsonReader::Parse), with that spacing; nothing
// when it takes more than `bytes_max`.
std::optional<std::string> RespaceJson(std::string_view source,
                                       JsonSpacing spacing,
                                       std::size_t bytes_max);

// `source`, which must be JSON in well-formed UTF-8, with each character that
// is not printable ASCII as json.dumps escapes it: in lower-case \u escapes.
std::string EscapeJson(std::string_view source);

// The reverse: escapes of such characters become the characters; a lone
// surrogate stays escaped.
std::string UnescapeJson(std::string_view source);

}  // namespace tuco::internal

#endif  // TUCO_INTERNAL_JSON_RESPELL_H_

// Code points of UTF-8 text that may be ill-formed.
//
// Pure functions, safe for concurrent use.

#ifndef TUCO_SERVER_CLI_UTF8_H_
#define TUCO_SERVER_CLI_UTF8_H_

#include <optional>
#include <string_view>

namespace tuco::cli {

// Takes the first code point off the front of `text`, which is not empty.
// Nothing when the bytes there are ill-formed; one byte is taken then.
std::optional<char32_t> TakeCodePoint(std::string_view& text);

bool IsUtf8(std::string_view text);

}  // namespace tuco::cli

#endif  // TUCO_SERVER_CLI_UTF8_H_

// Text from outside, made safe to show on a terminal.
//
// Events carry what strangers wrote; shown as it is, an escape sequence in it
// could rewrite the screen or the clipboard, and a line break could fake a line
// of ours. Pure functions, safe for concurrent use.

#ifndef TUCO_SERVER_CLI_TERMINAL_TEXT_H_
#define TUCO_SERVER_CLI_TERMINAL_TEXT_H_

#include <cstddef>
#include <string>
#include <string_view>

namespace tuco::cli {

// `text` with every control character, line separator, character that changes
// the direction of writing, and ill-formed byte spelt out: `\n`, `\r`, `\t`,
// `\x1b` (a byte), `\u{202e}` (a code point).
std::string EscapeForTerminal(std::string_view text);

// The same in double quotes, with `"` and `\` escaped, cut with `…` behind
// `points_max` code points.
std::string QuoteForTerminal(std::string_view text, std::size_t points_max);

}  // namespace tuco::cli

#endif  // TUCO_SERVER_CLI_TERMINAL_TEXT_H_

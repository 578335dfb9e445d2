// JSON written piece by piece, as JSON.stringify spells it.
//
// Pure functions, safe for concurrent use.

#ifndef TUCO_SERVER_CLI_JSON_TEXT_H_
#define TUCO_SERVER_CLI_JSON_TEXT_H_

#include <string>
#include <string_view>

namespace tuco::cli {

// `text`, well-formed UTF-8, as a JSON string with its quotes.
std::string JsonString(std::string_view text);

// Whether `text` is one JSON object and nothing else, by the grammar.
bool IsJsonObject(std::string_view text);
// Whether `text` is one JSON value and nothing else, by the grammar.
bool IsJsonValue(std::string_view text);

}  // namespace tuco::cli

#endif  // TUCO_SERVER_CLI_JSON_TEXT_H_

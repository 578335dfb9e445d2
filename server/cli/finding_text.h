// A finding of the signature doctor on one line, for people.
//
// Pure functions, safe for concurrent use.

#ifndef TUCO_SERVER_CLI_FINDING_TEXT_H_
#define TUCO_SERVER_CLI_FINDING_TEXT_H_

#include <string>
#include <string_view>

namespace tuco::cli {

// What is said when there is none.
inline constexpr std::string_view kNoFinding =
    "none: no mistake that is often made explains it";

// `certain KIND (secret NAME): what to change`, without a line break.
std::string FindingLine(bool certain, std::string_view kind,
                        std::string_view secret_name, std::string_view text);

}  // namespace tuco::cli

#endif  // TUCO_SERVER_CLI_FINDING_TEXT_H_

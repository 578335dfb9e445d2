// The server's own log: one JSON object a line on stderr.
//
//   Log(Severity::kWarning, "commit failed", {{"error", status.message()}});
//
// Lines carry what an operator needs and nothing personal: no bodies, no
// secrets, no phone numbers. Safe for concurrent use; a line is written with
// one system call, so that lines of several threads do not mix.

#ifndef TUCO_SERVER_BASE_LOGGING_H_
#define TUCO_SERVER_BASE_LOGGING_H_

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace tuco::base {

enum class Severity : std::uint8_t { kInfo, kWarning, kError };

// A name and its text value.
using LogField = std::pair<std::string_view, std::string>;

void Log(Severity severity, std::string_view message,
         std::initializer_list<LogField> fields = {});

// `text` as a JSON string with its quotes; ill-formed UTF-8 becomes U+FFFD.
std::string JsonQuote(std::string_view text);

}  // namespace tuco::base

#endif  // TUCO_SERVER_BASE_LOGGING_H_

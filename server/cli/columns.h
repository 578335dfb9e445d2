// The parts of lines for people that stand one below the other.
//
// Pure functions, safe for concurrent use.

#ifndef TUCO_SERVER_CLI_COLUMNS_H_
#define TUCO_SERVER_CLI_COLUMNS_H_

#include <google/protobuf/timestamp.pb.h>

#include <cstddef>
#include <string>
#include <string_view>

namespace tuco::cli {

// `text` with blanks behind or before it, to a width of `width` bytes.
std::string PadRight(std::string text, std::size_t width);
std::string PadLeft(std::string text, std::size_t width);

// An id or a name from outside as QuoteForTerminal makes it safe, without the
// quotes; one that is longer than any real one is cut.
std::string Word(std::string_view text);

// `2026-04-15T12:00:00.000Z`, always with milliseconds so that the columns
// behind stay where they are.
std::string TimeColumn(const google::protobuf::Timestamp& time);
inline constexpr std::size_t kTimeWidth = 24;

}  // namespace tuco::cli

#endif  // TUCO_SERVER_CLI_COLUMNS_H_

// Instants in UTC with microseconds, and their RFC 3339 spelling.
//
// Values and pure functions, safe for concurrent use.

#ifndef TUCO_TIMESTAMP_H_
#define TUCO_TIMESTAMP_H_

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace tuco {

// Microseconds since 1970-01-01T00:00:00Z, leap seconds not counted.
using Timestamp = std::chrono::sys_time<std::chrono::microseconds>;

// Reads `YYYY-MM-DDTHH:MM:SS[.fraction](Z|+hh:mm|-hh:mm)`, years 0001 to 9999
// (what protobuf's Timestamp can hold), and yields nothing for anything else.
// Digits of the fraction beyond the sixth are cut off. A leap second (`:60`)
// is read as the second that follows it.
std::optional<Timestamp> ParseTimestamp(std::string_view text);

// `2026-04-15T12:00:00.042Z`: no fraction when it is zero, else three or six
// digits, as protobuf's JSON spells it.
std::string FormatTimestamp(Timestamp time);

}  // namespace tuco

#endif  // TUCO_TIMESTAMP_H_

// How ECMAScript spells a number: Number::toString (ECMA-262, 6.1.6.1.20).
//
// Pure functions, safe for concurrent use.

#ifndef TUCO_INTERNAL_NUMBER_TEXT_H_
#define TUCO_INTERNAL_NUMBER_TEXT_H_

#include <cstdint>
#include <string>
#include <string_view>

namespace tuco::internal {

enum class NumberLoss : std::uint8_t {
  kNone,
  kRange,   // Infinite as a double, or zero although it is not.
  kDigits,  // Beyond 2^53, and another integer than the one spelt.
};

// Appends the number that the JSON number `raw` is in JavaScript, as
// JSON.stringify spells it. Nothing is appended to `out` unless kNone is
// returned.
NumberLoss AppendNumber(std::string_view raw, std::string& out);

}  // namespace tuco::internal

#endif  // TUCO_INTERNAL_NUMBER_TEXT_H_

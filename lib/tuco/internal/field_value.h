// Reads the values of members as the types that fields have.
//
// Pure functions. A value of the wrong type gives nothing.

#ifndef TUCO_INTERNAL_FIELD_VALUE_H_
#define TUCO_INTERNAL_FIELD_VALUE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tuco/internal/json_reader.h"
#include "tuco/timestamp.h"

namespace tuco::internal {

// A string that spells an instant.
std::optional<Timestamp> ReadTime(const JsonReader& json, const JsonNode& node);

// The same in microseconds since 1970.
std::optional<std::int64_t> ReadMicros(const JsonReader& json,
                                       const JsonNode& node);

// A number without a fraction, however it is spelt, from 0 to 2^53 where
// JavaScript still tells neighbours apart. The number as written counts, not
// the double that it rounds to.
std::optional<std::int64_t> ReadCount(const JsonReader& json,
                                      const JsonNode& node);

// Whether `node`, whose index is `index`, is an array with elements of `kind`
// only.
bool IsArrayOf(const JsonReader& json, std::uint32_t index, JsonKind kind);

// Requires an array of strings.
std::vector<std::string> ReadTexts(const JsonReader& json, std::uint32_t index);

// Whether two strings say the same.
bool SameText(const JsonReader& json, const JsonNode& a, const JsonNode& b);

// Whether two arrays of strings say the same.
bool SameTexts(const JsonReader& json, std::uint32_t a, std::uint32_t b);

}  // namespace tuco::internal

#endif  // TUCO_INTERNAL_FIELD_VALUE_H_

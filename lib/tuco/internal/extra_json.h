// Writes the members of a body that no field holds.

#ifndef TUCO_INTERNAL_EXTRA_JSON_H_
#define TUCO_INTERNAL_EXTRA_JSON_H_

#include <optional>
#include <string>

#include "tuco/internal/field_sources.h"
#include "tuco/internal/json_reader.h"

namespace tuco::internal {

// An object in the body's own nesting with the unmapped members of `sources`,
// keys and values as the source spells them (U+FFFD for invalid UTF-8); nothing
// when there are none. Sorts the unmapped members.
std::optional<std::string> ExtraJson(const JsonReader& json,
                                     FieldSources& sources);

}  // namespace tuco::internal

#endif  // TUCO_INTERNAL_EXTRA_JSON_H_

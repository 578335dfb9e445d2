// Where a text stops being JSON, for messages to people.

#ifndef TUCO_PYTHON_CORE_DELIVERIES_JSON_MISTAKE_H_
#define TUCO_PYTHON_CORE_DELIVERIES_JSON_MISTAKE_H_

#include <cstddef>
#include <string_view>

namespace tuco::python::deliveries {

// The first byte that no JSON text that begins like this can have there, or the
// text's size when it ends too early. Requires a text that is not JSON. Takes
// time in proportion to the text, and no memory but a bit a level.
std::size_t JsonMistake(std::string_view text);

}  // namespace tuco::python::deliveries

#endif  // TUCO_PYTHON_CORE_DELIVERIES_JSON_MISTAKE_H_

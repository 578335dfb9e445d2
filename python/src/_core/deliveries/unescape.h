// What a long string of JSON says that is JSON itself: a body within a line.

#ifndef TUCO_PYTHON_CORE_DELIVERIES_UNESCAPE_H_
#define TUCO_PYTHON_CORE_DELIVERIES_UNESCAPE_H_

#include <string>
#include <string_view>

namespace tuco::python::deliveries {

// Puts what `raw` says into `text`: what is between the quotes of a string that
// JsonReader has found well-formed. AppendJsonText is made for short texts;
// here there is an escape every few bytes.
void Unescape(std::string_view raw, std::string& text);

}  // namespace tuco::python::deliveries

#endif  // TUCO_PYTHON_CORE_DELIVERIES_UNESCAPE_H_

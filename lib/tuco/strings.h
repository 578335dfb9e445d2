// The seam between std::string_view and the distribution's absl::string_view.
//
// Debian builds Abseil with a string view of its own that neither converts
// from nor to the standard one. Our headers speak std::string_view only; these
// are the places where one becomes the other.

#ifndef TUCO_STRINGS_H_
#define TUCO_STRINGS_H_

#include <initializer_list>
#include <string>
#include <string_view>

#include "absl/strings/string_view.h"

namespace tuco {

inline absl::string_view ToAbsl(std::string_view text) {
  return {text.data(), text.size()};
}

inline std::string_view FromAbsl(absl::string_view text) {
  return {text.data(), text.size()};
}

// The parts one after the other, with one allocation.
inline std::string Concat(std::initializer_list<std::string_view> parts) {
  std::size_t size = 0;
  for (const std::string_view part : parts) size += part.size();
  std::string result;
  result.reserve(size);
  for (const std::string_view part : parts) result.append(part);
  return result;
}

}  // namespace tuco

#endif  // TUCO_STRINGS_H_

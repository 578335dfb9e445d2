// The canonical form of a JSON text: what JSON.stringify(JSON.parse(text)) is
// in V8.
//
// Tuco signs the text that JSON.stringify gives. A proxy that parses a body and
// prints it anew breaks the signature; its canonical form is the signed text
// again. In short: no blanks; members whose keys are array indices first, the
// others as they come; numbers as ECMAScript spells the double that they are;
// in strings only `"`, `\`, control characters and lone surrogates escaped.
// RFC 8785 sorts keys and is another form.

#ifndef TUCO_CANONICAL_JSON_H_
#define TUCO_CANONICAL_JSON_H_

#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace tuco {

// The canonical form of `text`, which is a fixed point: its own canonical form.
//
// InvalidArgument, saying which it was, for a text that two readers could
// understand differently or that JavaScript would change: no JSON (a byte order
// mark or bytes behind the value included), invalid UTF-8, an object with a key
// twice (however spelt), more than 64 arrays and objects in each other, a
// number beyond the range of a double or one that becomes zero, an integer
// beyond 2^53 that loses digits.
//
// Pure, safe for concurrent use, no recursion; takes memory in proportion to
// the text.
absl::StatusOr<std::string> CanonicalJson(std::string_view text);

}  // namespace tuco

#endif  // TUCO_CANONICAL_JSON_H_

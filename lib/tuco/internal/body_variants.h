// What else a body may have been when it was signed.
//
// Pure functions, safe for concurrent use.

#ifndef TUCO_INTERNAL_BODY_VARIANTS_H_
#define TUCO_INTERNAL_BODY_VARIANTS_H_

#include <cstddef>
#include <functional>
#include <optional>
#include <string_view>

#include "tuco/finding.h"

namespace tuco::internal {

// A longer text is not made: pretty-printing can make a body many times larger.
inline constexpr std::size_t kBodyVariantBytesMax = std::size_t{4} << 20;

// Whether to go on.
using VisitBody = std::function<bool(FindingKind, std::string_view)>;

// Calls `visit` with every text that differs from `body`, the likeliest first,
// one at a time, until it says no. `timestamp_header` is the value of
// X-Tuco-Timestamp, for signers that sign it too.
void VisitBodyVariants(std::string_view body,
                       std::optional<std::string_view> timestamp_header,
                       const VisitBody& visit);

// JSON so far, but not to its end.
bool IsTruncatedJson(std::string_view body);

}  // namespace tuco::internal

#endif  // TUCO_INTERNAL_BODY_VARIANTS_H_

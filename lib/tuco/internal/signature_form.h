// What a signature header may mean, beyond what is accepted.
//
// Pure functions, safe for concurrent use.

#ifndef TUCO_INTERNAL_SIGNATURE_FORM_H_
#define TUCO_INTERNAL_SIGNATURE_FORM_H_

#include <cstddef>
#include <string_view>
#include <vector>

#include "tuco/digest.h"
#include "tuco/finding.h"

namespace tuco::internal {

// A longer value is malformed and not looked into.
inline constexpr std::size_t kSignatureBytesMax = 4096;
// Of a header with several values, the first ones.
inline constexpr std::size_t kSignatureValuesMax = 8;

// A tag that the header may spell.
struct SignatureValue {
  Digest digest;
  std::vector<FindingKind> kinds;  // What is unusual about its spelling.
};

struct SignatureForm {
  std::vector<SignatureValue> values;
  std::vector<Finding> hints;  // For when none of them is right.
};

SignatureForm ReadSignatureForm(std::string_view header);

}  // namespace tuco::internal

#endif  // TUCO_INTERNAL_SIGNATURE_FORM_H_

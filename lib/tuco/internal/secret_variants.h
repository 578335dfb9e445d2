// What else a secret may have been where the signature was made.
//
// Pure functions, safe for concurrent use.

#ifndef TUCO_INTERNAL_SECRET_VARIANTS_H_
#define TUCO_INTERNAL_SECRET_VARIANTS_H_

#include <string_view>
#include <vector>

#include "tuco/finding.h"
#include "tuco/hmac_sha256.h"

namespace tuco::internal {

struct SecretVariant {
  FindingKind kind;
  HmacSha256Key key;
};

// Every text that differs from `secret`, the likeliest first, as a key: the
// texts themselves are wiped before this returns.
std::vector<SecretVariant> SecretVariants(std::string_view secret);

// Of bytes in base64, of either alphabet and padded or not, or in hexadecimal.
// False, and nothing in `out`, for anything else. `out` is as large as it will
// get before the first byte is written, so that wiping it leaves no copy.
bool DecodeBase64(std::string_view text, std::string& out);
bool DecodeHex(std::string_view text, std::string& out);

}  // namespace tuco::internal

#endif  // TUCO_INTERNAL_SECRET_VARIANTS_H_

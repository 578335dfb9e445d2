// HMAC-SHA256 as RFC 2104 defines it, spelt out over Sha256: what tests expect
// of HmacSha256Key, and of all that is built on it.

#ifndef TUCO_TESTS_LIB_HMAC_BY_DEFINITION_H_
#define TUCO_TESTS_LIB_HMAC_BY_DEFINITION_H_

#include <cstddef>
#include <string>
#include <string_view>

#include "tuco/digest.h"

namespace tuco {

inline constexpr std::size_t kHmacBlockBytes = 64;

inline Digest TagByDefinition(std::string_view secret,
                              std::string_view message) {
  std::string key(secret);
  if (key.size() > kHmacBlockBytes) {
    const Digest hash = Sha256(key);
    key.assign(hash.begin(), hash.end());
  }
  key.resize(kHmacBlockBytes, '\0');
  std::string inner_pad = key;
  std::string outer_pad = key;
  for (char& c : inner_pad) c = static_cast<char>(c ^ 0x36);
  for (char& c : outer_pad) c = static_cast<char>(c ^ 0x5c);
  const Digest inner = Sha256(inner_pad, message);
  return Sha256(outer_pad, std::string(inner.begin(), inner.end()));
}

}  // namespace tuco

#endif  // TUCO_TESTS_LIB_HMAC_BY_DEFINITION_H_

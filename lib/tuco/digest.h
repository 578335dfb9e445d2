// A SHA-256 value and its spelling in hexadecimal.
//
// Values only; immutable functions, safe for concurrent use.

#ifndef TUCO_DIGEST_H_
#define TUCO_DIGEST_H_

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tuco {

// 32 bytes: a SHA-256 digest or an HMAC-SHA256 tag.
using Digest = std::array<std::uint8_t, 32>;

// The 64 lower-case hexadecimal digits of `digest`.
std::string ToHex(const Digest& digest);

// The lower-case hexadecimal digits of any bytes, two for each.
std::string ToHex(std::string_view bytes);

// The digest that `hex` spells, or nothing unless it is exactly 64
// hexadecimal digits, in either case.
std::optional<Digest> DigestFromHex(std::string_view hex);

// SHA-256 of the concatenation of `a`, `b` and `c`; empty parts add nothing.
Digest Sha256(std::string_view a, std::string_view b = {},
              std::string_view c = {});

}  // namespace tuco

#endif  // TUCO_DIGEST_H_

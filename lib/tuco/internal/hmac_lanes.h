// HMAC-SHA256 and SHA-256 by lanes: as soon as a lane has a digest it takes the
// next message, so that lanes stay full whatever the lengths, and a long
// message holds up none but its own lane.
//
// Immutable functions, safe for concurrent use; no allocation. Everybody else
// calls HmacSha256Key.

#ifndef TUCO_INTERNAL_HMAC_LANES_H_
#define TUCO_INTERNAL_HMAC_LANES_H_

#include <span>
#include <string_view>

#include "tuco/digest.h"
#include "tuco/hmac_sha256.h"
#include "tuco/internal/sha256_lanes.h"

namespace tuco::internal {

// A key as SHA-256's words after its block xor ipad, and after its block xor
// opad. As secret as the key.
struct HmacWords {
  Sha256Words inner;
  Sha256Words outer;
};

// Makes tags[i] the tag of messages[i]. Requires as many tags as messages.
void SignByLanes(const Sha256Path& path, const HmacWords& key,
                 std::span<const std::string_view> messages,
                 std::span<Digest> tags);

// The same on any machine.
void SignOneByOne(const HmacSha256Key& key,
                  std::span<const std::string_view> messages,
                  std::span<Digest> tags);

// Makes digests[i] the SHA-256 of `prefix`, which is shorter than a block, and
// messages[i]. Requires as many digests as messages.
void HashByLanes(const Sha256Path& path, std::string_view prefix,
                 std::span<const std::string_view> messages,
                 std::span<Digest> digests);

// Makes tags[i] the tag of `message` under keys[i], and returns the SHA-256 of
// `prefix` and `message`. Requires as many tags as keys and a prefix that is
// shorter than a block.
Digest SignAndHashByLanes(const Sha256Path& path,
                          std::span<const HmacWords> keys,
                          std::string_view prefix, std::string_view message,
                          std::span<Digest> tags);

}  // namespace tuco::internal

#endif  // TUCO_INTERNAL_HMAC_LANES_H_

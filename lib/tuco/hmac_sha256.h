// HMAC-SHA256 (RFC 2104) under a key whose two padded blocks are hashed once,
// when the key is made, so that a message costs its own blocks only.
//
// Immutable after construction, safe for concurrent use. No exception, no
// allocation after Create.

#ifndef TUCO_HMAC_SHA256_H_
#define TUCO_HMAC_SHA256_H_

#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "tuco/digest.h"

namespace tuco {

class HmacSha256Key {
 public:
  // Takes any bytes, the empty string included; what makes a good secret is
  // decided by SignatureVerifier. The bytes are not kept, only the two hash
  // states that they lead to, and those are wiped when the key goes.
  explicit HmacSha256Key(std::string_view secret);
  ~HmacSha256Key();
  HmacSha256Key(const HmacSha256Key&);
  HmacSha256Key& operator=(const HmacSha256Key&);

  // The tag of `message`.
  Digest Sign(std::string_view message) const;

  // Makes tags[i] the tag of messages[i], as Sign does; where the machine has
  // SHA instructions, in about half the time a message from four messages on.
  // Requires as many tags as messages, and that none of them lies in a message:
  // another count ends the process.
  void SignMany(std::span<const std::string_view> messages,
                std::span<Digest> tags) const;

  // Makes tags[i] the tag of `message` under *keys[i], as Sign does, and
  // returns Sha256(prefix, message); where the machine has SHA instructions,
  // in little more than the time of one of them. Requires as many tags as keys
  // and kKeysMax at most: other counts end the process.
  static Digest SignAndHash(std::span<const HmacSha256Key* const> keys,
                            std::string_view prefix, std::string_view message,
                            std::span<Digest> tags);
  static constexpr std::size_t kKeysMax = 8;

 private:
  // Opaque storage for the inner and the outer SHA-256 state, so that this
  // header does not include the crypto library.
  static constexpr std::size_t kStateBytes = 224;
  alignas(16) std::array<unsigned char, kStateBytes> state_;
};

// Whether two tags are equal; the time taken does not depend on where they
// differ.
bool ConstantTimeEqual(const Digest& a, const Digest& b);

// Overwrites `size` bytes at `data` in a way that the compiler keeps.
void SecureWipe(void* data, std::size_t size);

// `count` unpredictable bytes, for new secrets, from a generator that the
// operating system seeds.
std::string RandomBytes(std::size_t count);

}  // namespace tuco

#endif  // TUCO_HMAC_SHA256_H_

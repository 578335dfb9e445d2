// The only file that includes BoringSSL. Its headers rename every symbol by
// BORINGSSL_PREFIX, so nothing here can reach the OpenSSL that gRPC brings.

#include <openssl/is_boringssl.h>
#include <openssl/mem.h>
#include <openssl/rand.h>
#include <openssl/sha.h>

#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <type_traits>

#include "tuco/digest.h"
#include "tuco/hmac_sha256.h"
#include "tuco/internal/hmac_lanes.h"
#include "tuco/internal/sha256_lanes.h"

#ifndef BORINGSSL_PREFIX
#error "BoringSSL without a prefix mixes with gRPC's OpenSSL in one process"
#endif

namespace tuco {
namespace {

// What HmacSha256Key::state_ holds: SHA-256 after the key's block xor ipad,
// and after the key's block xor opad.
struct HmacState {
  SHA256_CTX inner;
  SHA256_CTX outer;
};
static_assert(std::is_trivially_copyable_v<HmacState>);

constexpr unsigned char kInnerPad = 0x36;
constexpr unsigned char kOuterPad = 0x5c;

using Block = std::array<unsigned char, SHA256_CBLOCK>;

void Update(SHA256_CTX& context, std::string_view bytes) {
  SHA256_Update(&context, bytes.data(), bytes.size());
}

Digest Final(SHA256_CTX& context) {
  Digest digest;
  static_assert(std::tuple_size_v<Digest> == SHA256_DIGEST_LENGTH);
  SHA256_Final(digest.data(), &context);
  return digest;
}

// The key's block of RFC 2104: the secret, or the hash of one that is longer
// than a block, filled up with zeros.
Block KeyBlock(std::string_view secret) {
  Block block{};
  if (secret.size() <= block.size()) {
    secret.copy(reinterpret_cast<char*>(block.data()), block.size());
    return block;
  }
  Digest hash = Sha256(secret);
  std::memcpy(block.data(), hash.data(), hash.size());
  SecureWipe(hash.data(), hash.size());
  return block;
}

SHA256_CTX PaddedState(const Block& key, unsigned char pad) {
  Block padded;
  for (std::size_t i = 0; i < key.size(); ++i) padded[i] = key[i] ^ pad;
  SHA256_CTX context;
  SHA256_Init(&context);
  SHA256_Update(&context, padded.data(), padded.size());
  SecureWipe(padded.data(), padded.size());
  return context;
}

// The words of the two states in HmacSha256Key::state_; between two blocks,
// which is where PaddedState leaves them, there is nothing else to a state.
internal::HmacWords KeyWords(const unsigned char* state) {
  internal::HmacWords words;
  static_assert(sizeof(words.inner) == sizeof(SHA256_CTX::h));
  constexpr std::size_t kWords = offsetof(SHA256_CTX, h);
  std::memcpy(&words.inner, state + offsetof(HmacState, inner) + kWords,
              sizeof(words.inner));
  std::memcpy(&words.outer, state + offsetof(HmacState, outer) + kWords,
              sizeof(words.outer));
  return words;
}

}  // namespace

Digest Sha256(std::string_view a, std::string_view b, std::string_view c) {
  SHA256_CTX context;
  SHA256_Init(&context);
  Update(context, a);
  Update(context, b);
  Update(context, c);
  return Final(context);
}

HmacSha256Key::HmacSha256Key(std::string_view secret) {
  static_assert(sizeof(HmacState) <= kStateBytes);
  Block key = KeyBlock(secret);
  HmacState state = {PaddedState(key, kInnerPad), PaddedState(key, kOuterPad)};
  std::memcpy(state_.data(), &state, sizeof(state));
  SecureWipe(key.data(), key.size());
  SecureWipe(&state, sizeof(state));
}

HmacSha256Key::HmacSha256Key(const HmacSha256Key&) = default;
HmacSha256Key& HmacSha256Key::operator=(const HmacSha256Key&) = default;

HmacSha256Key::~HmacSha256Key() { SecureWipe(state_.data(), state_.size()); }

Digest HmacSha256Key::Sign(std::string_view message) const {
  // Working on a copy keeps the key immutable. The copy needs no wiping: what
  // Final leaves in it is the two digests, not the key's states.
  HmacState state;
  std::memcpy(&state, state_.data(), sizeof(state));
  Update(state.inner, message);
  const Digest inner = Final(state.inner);
  SHA256_Update(&state.outer, inner.data(), inner.size());
  return Final(state.outer);
}

void HmacSha256Key::SignMany(std::span<const std::string_view> messages,
                             std::span<Digest> tags) const {
  if (messages.size() != tags.size()) std::abort();
  const internal::Sha256Path* path = internal::ShaInstructionsPath();
  // One message has no other to fill its gaps with.
  if (path == nullptr || messages.size() == 1) {
    return internal::SignOneByOne(*this, messages, tags);
  }
  internal::HmacWords key = KeyWords(state_.data());
  internal::SignByLanes(*path, key, messages, tags);
  SecureWipe(&key, sizeof(key));
}

Digest HmacSha256Key::SignAndHash(std::span<const HmacSha256Key* const> keys,
                                  std::string_view prefix,
                                  std::string_view message,
                                  std::span<Digest> tags) {
  if (keys.size() != tags.size() || keys.size() > kKeysMax) std::abort();
  const internal::Sha256Path* path = internal::ShaInstructionsPath();
  if (path == nullptr || prefix.size() >= internal::kSha256BlockBytes) {
    for (std::size_t i = 0; i < keys.size(); ++i) {
      tags[i] = keys[i]->Sign(message);
    }
    return Sha256(prefix, message);
  }
  std::array<internal::HmacWords, kKeysMax> words;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    words[i] = KeyWords(keys[i]->state_.data());
  }
  const Digest digest = internal::SignAndHashByLanes(
      *path, std::span(words).first(keys.size()), prefix, message, tags);
  SecureWipe(words.data(), keys.size() * sizeof(words[0]));
  return digest;
}

bool ConstantTimeEqual(const Digest& a, const Digest& b) {
  return CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

void SecureWipe(void* data, std::size_t size) { OPENSSL_cleanse(data, size); }

std::string RandomBytes(std::size_t count) {
  std::string bytes(count, '\0');
  // Never fails: BoringSSL aborts the process rather than return less.
  RAND_bytes(reinterpret_cast<std::uint8_t*>(bytes.data()), bytes.size());
  return bytes;
}

}  // namespace tuco

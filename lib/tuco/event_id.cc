#include "tuco/event_id.h"

#include <array>
#include <cstddef>

#include "tuco/internal/hmac_lanes.h"
#include "tuco/internal/sha256_lanes.h"

namespace tuco {
namespace {

constexpr std::string_view kSeparator("\0", 1);
constexpr std::string_view kPrefix = "evt_";
constexpr std::size_t kIdBytes = 16;

}  // namespace

Digest DuplicateKey(std::string_view endpoint, std::string_view signed_bytes) {
  return Sha256(endpoint, kSeparator, signed_bytes);
}

void DuplicateKeys(std::string_view endpoint,
                   std::span<const std::string_view> signed_bytes,
                   std::span<Digest> keys) {
  const std::string prefix = DuplicateKeyPrefix(endpoint);
  const internal::Sha256Path* path = internal::ShaInstructionsPath();
  if (path != nullptr && prefix.size() < internal::kSha256BlockBytes) {
    return internal::HashByLanes(*path, prefix, signed_bytes, keys);
  }
  for (std::size_t i = 0; i < signed_bytes.size(); ++i) {
    keys[i] = Sha256(prefix, signed_bytes[i]);
  }
}

std::string DuplicateKeyPrefix(std::string_view endpoint) {
  return std::string(endpoint).append(kSeparator);
}

std::string EventId(const Digest& duplicate_key) {
  static_assert(kIdBytes <= std::tuple_size_v<Digest>);
  // Two zero bytes in front make room for the prefix: one allocation in all.
  constexpr std::size_t kRoom = kPrefix.size() / 2;
  std::array<char, kRoom + kIdBytes> bytes{};
  const auto* key = reinterpret_cast<const char*>(duplicate_key.data());
  std::string_view(key, kIdBytes).copy(bytes.data() + kRoom, kIdBytes);
  std::string id = ToHex(std::string_view(bytes.data(), bytes.size()));
  kPrefix.copy(id.data(), kPrefix.size());
  return id;
}

}  // namespace tuco

// SHA-256's compression of several messages at once. The rounds of one message
// wait for each other; those of independent messages do not, and fill the gaps.
//
// A path is one way to do so that this machine may be able to take. Immutable,
// safe for concurrent use; no allocation.

#ifndef TUCO_INTERNAL_SHA256_LANES_H_
#define TUCO_INTERNAL_SHA256_LANES_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace tuco::internal {

inline constexpr std::size_t kSha256BlockBytes = 64;

// A to H of FIPS 180-4: what SHA-256 knows of the blocks before.
using Sha256Words = std::array<std::uint32_t, 8>;

// A message on its way: its words so far, and its next block.
struct Sha256Lane {
  Sha256Words words;
  const unsigned char* next;
};

inline constexpr std::size_t kSha256LanesMax = 4;

struct Sha256Path {
  // How many lanes are worth filling, at most kSha256LanesMax.
  std::size_t width;
  // Takes `blocks` whole blocks from each of the lanes, one to `width` of them,
  // and moves their `next` behind the blocks.
  void (*compress)(std::span<Sha256Lane* const> lanes, std::size_t blocks);
};

// By the SHA instructions of x86; null on a machine without them, where the
// crypto library's one message at a time is the best there is.
const Sha256Path* ShaInstructionsPath();

}  // namespace tuco::internal

#endif  // TUCO_INTERNAL_SHA256_LANES_H_

// Tells, 64 bytes at a time, backslashes that begin an escape from those that
// are the second half of one.
//
// After Langdale and Lemire, "Parsing Gigabytes of JSON per Second" (2019),
// whose way it is to let an addition carry through runs of backslashes.

#ifndef TUCO_INTERNAL_ESCAPE_BITS_H_
#define TUCO_INTERNAL_ESCAPE_BITS_H_

#include <cstdint>

namespace tuco::internal {

// Of the backslashes of a block, a bit each, those that begin an escape: in
// each run of them the first, the third and so on. What stands in front of the
// block must not be a backslash that begins one.
constexpr std::uint64_t EscapingBits(std::uint64_t backslashes) {
  constexpr std::uint64_t kEven = 0x5555'5555'5555'5555;
  const std::uint64_t begins = backslashes & ~(backslashes << 1);
  // Adding a run's first bit to it clears all of its bits and sets the one
  // behind.
  const std::uint64_t from_even =
      backslashes & ~(backslashes + (begins & kEven));
  const std::uint64_t from_odd = backslashes & ~from_even;
  return (from_even & kEven) | (from_odd & ~kEven);
}

}  // namespace tuco::internal

#endif  // TUCO_INTERNAL_ESCAPE_BITS_H_

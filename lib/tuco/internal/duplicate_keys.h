// Finds the members of an object that a later one with the same key shadows.

#ifndef TUCO_INTERNAL_DUPLICATE_KEYS_H_
#define TUCO_INTERNAL_DUPLICATE_KEYS_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace tuco::internal {

struct KeyedMember {
  std::uint32_t hash;
  std::uint32_t index;  // Grows with the place in the text.

  // By hash, then by place: one comparison of both at once.
  std::uint64_t order() const { return std::uint64_t{hash} << 32 | index; }
};

// The same for members whose hashes are all equal, in the order of the text.
template <typename KeyOf, typename Shadow>
void ForEachShadowedOfRun(KeyedMember* first, KeyedMember* last, KeyOf key_of,
                          Shadow shadow) {
  const auto same_key = [&](const KeyedMember& a, const KeyedMember& b) {
    return key_of(a.index) == key_of(b.index);
  };
  // All the same is what a repeated key gives; different keys with one hash
  // are somebody's doing, or very rare.
  const bool all_same = std::all_of(
      first + 1, last, [&](const auto& m) { return same_key(*first, m); });
  if (!all_same) {
    std::sort(first, last, [&](const auto& a, const auto& b) {
      const int order = key_of(a.index).compare(key_of(b.index));
      return order != 0 ? order < 0 : a.index < b.index;
    });
  }
  for (; first + 1 < last; ++first) {
    if (all_same || same_key(first[0], first[1])) shadow(first->index);
  }
}

// Calls `shadow(index)` for each member in [first, last) that is not the last
// of its key, where `key_of(index)` is its key. O(n log n) comparisons even
// when somebody has chosen keys whose hashes are all the same.
template <typename KeyOf, typename Shadow>
void ForEachShadowed(KeyedMember* first, KeyedMember* last, KeyOf key_of,
                     Shadow shadow) {
  std::sort(first, last,
            [](const auto& a, const auto& b) { return a.order() < b.order(); });
  while (first != last) {
    KeyedMember* run_end = std::find_if(first, last, [&](const auto& member) {
      return member.hash != first->hash;
    });
    if (run_end - first > 1) {
      ForEachShadowedOfRun(first, run_end, key_of, shadow);
    }
    first = run_end;
  }
}

}  // namespace tuco::internal

#endif  // TUCO_INTERNAL_DUPLICATE_KEYS_H_

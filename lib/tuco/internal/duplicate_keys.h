// Finds the members of an object that a later one with the same key shadows.

#ifndef TUCO_INTERNAL_DUPLICATE_KEYS_H_
#define TUCO_INTERNAL_DUPLICATE_KEYS_H_

#include <algorithm>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace tuco::internal {

struct KeyedMember {
  std::uint32_t hash;
  std::uint32_t index;  // Grows with the place in the text.

  friend auto operator<=>(const KeyedMember&, const KeyedMember&) = default;
};

// Calls `shadow(index)` for each member in [first, last) that is not the last
// of its key, where `key_of(index)` is its key. O(n log n) comparisons even
// when somebody has chosen keys whose hashes are all the same.
template <typename KeyOf, typename Shadow>
void ForEachShadowed(KeyedMember* first, KeyedMember* last, KeyOf key_of,
                     Shadow shadow) {
  std::sort(first, last);
  while (first != last) {
    KeyedMember* run_end = std::find_if(first, last, [&](const auto& member) {
      return member.hash != first->hash;
    });
    std::sort(first, run_end, [&](const auto& a, const auto& b) {
      const int order = key_of(a.index).compare(key_of(b.index));
      return order != 0 ? order < 0 : a.index < b.index;
    });
    for (; first + 1 < run_end; ++first) {
      if (key_of(first[0].index) == key_of(first[1].index)) {
        shadow(first->index);
      }
    }
    first = run_end;
  }
}

}  // namespace tuco::internal

#endif  // TUCO_INTERNAL_DUPLICATE_KEYS_H_

// Which events were the newest ones, by message and type.
//
// Tuco's own key of an event is (message id, event name). Where it comes again
// with other bytes the event is no duplicate, for Tuco may mean both, but its
// reader wants to know. docs/events.md calls it a suspected duplicate.

#ifndef TUCO_SERVER_LOG_REPEAT_INDEX_H_
#define TUCO_SERVER_LOG_REPEAT_INDEX_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string_view>

#include "absl/container/flat_hash_map.h"

namespace tuco::log {

// Remembers the latest `capacity` keys, each with the sequence of its first
// event. A key is remembered as a hash of 64 bits: of a million keys that are
// all different, one in 10^13 new ones is taken for an old one, which costs a
// flag. One thread at a time.
class RepeatIndex {
 public:
  explicit RepeatIndex(std::size_t capacity) : capacity_(capacity) {}

  // The sequence under which the key was noted first; without one, nothing,
  // and from now on it is `sequence`. An empty `message_id` is no key.
  std::optional<std::uint64_t> Note(std::string_view endpoint,
                                    std::string_view message_id,
                                    std::string_view type_name,
                                    std::uint64_t sequence);

  // Forgets what was noted with `sequence` and later, for events that did not
  // become durable.
  void ForgetFrom(std::uint64_t sequence);

  std::size_t size() const { return first_.size(); }

 private:
  struct Entry {
    std::uint64_t key;
    std::uint64_t sequence;
  };

  const std::size_t capacity_;
  absl::flat_hash_map<std::uint64_t, std::uint64_t> first_;
  std::deque<Entry> order_;  // Oldest first; sequences ascend.
};

}  // namespace tuco::log

#endif  // TUCO_SERVER_LOG_REPEAT_INDEX_H_

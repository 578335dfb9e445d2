// Which of the events that share an ordering key may go: one at a time.

#ifndef TUCO_SERVER_STREAM_KEY_ORDER_H_
#define TUCO_SERVER_STREAM_KEY_ORDER_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>

namespace tuco::stream {

// One thread at a time.
class KeyOrder {
 public:
  // Whether the event may go now; else it is held until one before it leaves.
  // An event without a key, which is an empty one, always may.
  bool Enter(const std::string& key, std::uint64_t sequence);

  // The event is settled or forgotten. The one, if any, that may go now; the
  // lowest of those that are held.
  std::optional<std::uint64_t> Leave(const std::string& key,
                                     std::uint64_t sequence);

  // Keys that have an event.
  std::size_t size() const { return keys_.size(); }

 private:
  struct Key {
    std::uint64_t active = 0;
    std::set<std::uint64_t> held;
  };

  std::map<std::string, Key> keys_;
};

}  // namespace tuco::stream

#endif  // TUCO_SERVER_STREAM_KEY_ORDER_H_

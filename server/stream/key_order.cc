#include "server/stream/key_order.h"

namespace tuco::stream {

bool KeyOrder::Enter(const std::string& key, std::uint64_t sequence) {
  if (key.empty()) return true;
  const auto [place, is_new] = keys_.try_emplace(key);
  if (is_new) {
    place->second.active = sequence;
  } else if (place->second.active != sequence) {
    place->second.held.insert(sequence);
  }
  return place->second.active == sequence;
}

std::optional<std::uint64_t> KeyOrder::Leave(const std::string& key,
                                             std::uint64_t sequence) {
  const auto place = keys_.find(key);
  if (place == keys_.end()) return std::nullopt;
  Key& events = place->second;
  if (events.active != sequence) {
    events.held.erase(sequence);
    return std::nullopt;
  }
  if (events.held.empty()) {
    keys_.erase(place);
    return std::nullopt;
  }
  events.active = *events.held.begin();
  events.held.erase(events.held.begin());
  return events.active;
}

}  // namespace tuco::stream

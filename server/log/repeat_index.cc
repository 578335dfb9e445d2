#include "server/log/repeat_index.h"

#include <tuple>

#include "absl/hash/hash.h"

namespace tuco::log {

std::optional<std::uint64_t> RepeatIndex::Note(std::string_view endpoint,
                                               std::string_view message_id,
                                               std::string_view type_name,
                                               std::uint64_t sequence) {
  if (message_id.empty()) return std::nullopt;
  const std::uint64_t key =
      absl::HashOf(std::tuple(endpoint, message_id, type_name));
  const auto [entry, added] = first_.try_emplace(key, sequence);
  if (!added) return entry->second;
  order_.push_back({key, sequence});
  if (order_.size() > capacity_) {
    first_.erase(order_.front().key);
    order_.pop_front();
  }
  return std::nullopt;
}

void RepeatIndex::ForgetFrom(std::uint64_t sequence) {
  while (!order_.empty() && order_.back().sequence >= sequence) {
    first_.erase(order_.back().key);
    order_.pop_back();
  }
}

}  // namespace tuco::log

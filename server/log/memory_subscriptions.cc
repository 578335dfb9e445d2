#include "server/log/memory_subscriptions.h"

#include <algorithm>
#include <cstddef>
#include <vector>

namespace tuco::log {

void MemorySubscriptions::Apply(const SubscriptionChange& change) {
  if (change.remove) {
    subscriptions_.erase(change.id);
    return;
  }
  if (change.create && change.row.has_value()) subscriptions_[change.id] = {};
  const auto found = subscriptions_.find(change.id);
  if (found == subscriptions_.end()) return;
  Subscription& subscription = found->second;
  if (change.row.has_value()) subscription.row = *change.row;
  subscription.row.id = change.id;
  if (change.clear_unsettled) subscription.unsettled.clear();
  for (const UnsettledEvent& event : change.unsettled) {
    subscription.unsettled[event.sequence] = event;
  }
  for (const std::uint64_t at : change.settled) {
    subscription.unsettled.erase(at);
  }
  for (const ParkedEvent& event : change.parked) {
    subscription.parked[event.sequence] = event;
  }
  for (const ParkedUpdate& update : change.parked_updates) {
    const auto parked = subscription.parked.find(update.sequence);
    if (parked == subscription.parked.end()) continue;
    parked->second.deliveries = update.deliveries;
    parked->second.replaying = update.replaying;
  }
  for (const std::uint64_t at : change.unparked) subscription.parked.erase(at);
}

void MemorySubscriptions::Read(const SubscriptionVisitor& visit) const {
  std::vector<const Subscription*> by_name;
  by_name.reserve(subscriptions_.size());
  for (const auto& [id, subscription] : subscriptions_) {
    by_name.push_back(&subscription);
  }
  std::sort(by_name.begin(), by_name.end(),
            [](const Subscription* a, const Subscription* b) {
              return a->row.name < b->row.name;
            });
  for (const Subscription* const subscription : by_name) {
    StoredSubscription stored{.row = subscription->row,
                              .unsettled = {},
                              .parked = subscription->parked.size()};
    for (const auto& [sequence, event] : subscription->unsettled) {
      stored.unsettled.push_back(event);
    }
    visit(stored);
  }
}

std::uint64_t MemorySubscriptions::ReadParked(
    const ParkedRequest& request, const ParkedVisitor& visit) const {
  const auto found = subscriptions_.find(request.id);
  if (found == subscriptions_.end()) return request.after;
  const auto& parked = found->second.parked;
  std::uint64_t last = request.after;
  std::size_t events = 0;
  for (auto at = parked.upper_bound(request.after);
       at != parked.end() && events < request.events_max; ++at, ++events) {
    ParkedEvent event = at->second;
    if (!request.bodies) event.body.clear();
    visit(event);
    last = at->first;
  }
  return last;
}

}  // namespace tuco::log

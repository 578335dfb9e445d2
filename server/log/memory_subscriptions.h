// The subscriptions of a log in memory.

#ifndef TUCO_SERVER_LOG_MEMORY_SUBSCRIPTIONS_H_
#define TUCO_SERVER_LOG_MEMORY_SUBSCRIPTIONS_H_

#include <cstdint>
#include <map>

#include "server/log/subscription.h"

namespace tuco::log {

// A value. One thread at a time.
class MemorySubscriptions {
 public:
  void Apply(const SubscriptionChange& change);

  // As EventLog::ReadSubscriptions and ReadParked.
  void Read(const SubscriptionVisitor& visit) const;
  std::uint64_t ReadParked(const ParkedRequest& request,
                           const ParkedVisitor& visit) const;

 private:
  struct Subscription {
    SubscriptionRow row;
    std::map<std::uint64_t, UnsettledEvent> unsettled;  // By sequence.
    std::map<std::uint64_t, ParkedEvent> parked;
  };

  std::map<std::uint64_t, Subscription> subscriptions_;  // By id.
};

}  // namespace tuco::log

#endif  // TUCO_SERVER_LOG_MEMORY_SUBSCRIPTIONS_H_

// What a log must hold of subscriptions, as simply as it can be said, and
// changes of them by chance.

#ifndef TUCO_TESTS_SERVER_LOG_SUBSCRIPTION_MODEL_H_
#define TUCO_TESTS_SERVER_LOG_SUBSCRIPTION_MODEL_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "server/log/event_log.h"
#include "server/log/subscription.h"
#include "tests/server/base/disk_content.h"

namespace tuco::log {

// One subscription with all that belongs to it, by sequence. A value.
struct KeptSubscription {
  SubscriptionRow row;
  std::map<std::uint64_t, UnsettledEvent> unsettled;
  std::map<std::uint64_t, ParkedEvent> parked;

  friend bool operator==(const KeptSubscription&,
                         const KeptSubscription&) = default;
};
using KeptSubscriptions = std::map<std::uint64_t, KeptSubscription>;  // By id.

// All that a log shows of its subscriptions.
struct FoundSubscriptions {
  KeptSubscriptions subscriptions;
  absl::Status status;  // Of reading them.
  absl::Status parked;  // Of reading what they have parked: the first failure.
  std::string wrong;    // What it may never answer; empty: nothing.
};
FoundSubscriptions FindSubscriptions(EventLog& log);

// A value: a copy is what the log had then.
class SubscriptionModel {
 public:
  const KeptSubscriptions& subscriptions() const { return subscriptions_; }
  // The largest id that was ever given; 0: none.
  std::uint64_t newest_id() const { return newest_id_; }

  void Apply(const SubscriptionChange& change);
  void Apply(const std::vector<SubscriptionChange>& changes);

  // Whether the log has exactly this, and if not, what is wrong, in words.
  std::string Check(EventLog& log) const;

 private:
  KeptSubscriptions subscriptions_;
  std::uint64_t newest_id_ = 0;
};

// Creates one, changes one in any way, or removes one, and now and then changes
// one that is gone.
SubscriptionChange RandomChange(const SubscriptionModel& model,
                                base::DiskChance& chance);

// Up to `count_max` of them, each as if those before it were made.
std::vector<SubscriptionChange> RandomChanges(SubscriptionModel model,
                                              std::uint64_t count_max,
                                              base::DiskChance& chance);

}  // namespace tuco::log

#endif  // TUCO_TESTS_SERVER_LOG_SUBSCRIPTION_MODEL_H_

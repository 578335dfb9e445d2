// Which subscriptions there are: reads them from the log, begins and ends them.

#ifndef TUCO_SERVER_STREAM_SUBSCRIPTION_REGISTRY_H_
#define TUCO_SERVER_STREAM_SUBSCRIPTION_REGISTRY_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/stream/cursor_subscription.h"
#include "server/stream/live_subscription.h"
#include "server/stream/shared_subscription.h"
#include "server/stream/subscription.h"
#include "server/stream/subscriptions.h"

namespace tuco::stream {

// On the subscriptions' thread only.
class SubscriptionRegistry {
 public:
  using Ptr = std::shared_ptr<LiveSubscription>;

  SubscriptionRegistry(SubscriptionContext& context, ReadSettings read_settings)
      : context_(context), read_settings_(std::move(read_settings)) {}

  // Reads what the log keeps. What is damaged is logged.
  void Load();

  // NotFound; DataLoss: it is damaged, or may be. One that broke is read again.
  absl::StatusOr<Ptr> Find(std::string_view name);
  // FailedPrecondition: it is of the other mode.
  absl::StatusOr<std::shared_ptr<CursorSubscription>> FindCursor(
      std::string_view name);
  absl::StatusOr<std::shared_ptr<SharedSubscription>> FindShared(
      std::string_view name);

  using Created = absl::AnyInvocable<void(absl::StatusOr<Ptr>)>;
  // AlreadyExists. ResourceExhausted: there are kSubscriptionsMax. Else what
  // came of writing it.
  void Create(std::string name, SubscriptionSettings settings,
              std::uint64_t position, Created done);
  void Delete(std::string_view name, LiveSubscription::Done done);

  // Those behind `after`, in the order of the names.
  std::vector<Ptr> Behind(std::string_view after, std::size_t count);

  // Gives all a turn, and ends those that have expired. When the next one is
  // due, if ever.
  std::optional<Instant> Turn();

  // Ends whoever reads from them, and makes what they did durable soon.
  void End(const absl::Status& why);
  // Whether some of that is still to be done.
  bool unsettled() const;

  Subscriptions::Statistics statistics() const;

 private:
  // The subscription that a log keeps, with what it has not settled.
  absl::StatusOr<Ptr> Make(const log::StoredSubscription& stored);
  absl::StatusOr<Ptr> ReadAgain(const std::string& name);
  void Drop(const std::string& name);
  void Add(const SubscriptionCounts& counts,
           Subscriptions::Statistics& statistics) const;

  SubscriptionContext& context_;
  const ReadSettings read_settings_;
  std::map<std::string, Ptr, std::less<>> subscriptions_;
  std::map<std::string, absl::Status, std::less<>> damaged_;
  absl::Status unreadable_;  // Not OK: some could not even be named.
  std::uint64_t newest_id_ = 0;
  std::size_t creating_ = 0;
  Subscriptions::Statistics gone_;  // Of those that were deleted.
};

}  // namespace tuco::stream

#endif  // TUCO_SERVER_STREAM_SUBSCRIPTION_REGISTRY_H_

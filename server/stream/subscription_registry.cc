#include "server/stream/subscription_registry.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "server/base/logging.h"
#include "server/base/status_macros.h"
#include "tuco/strings.h"

namespace tuco::stream {
namespace {

absl::Status WrongMode(std::string_view name, const char* mode,
                       const char* calls) {
  return absl::FailedPreconditionError(
      Concat({"subscription ", name, " is a ", mode, " one: use ", calls}));
}

void Complain(std::string_view name, const absl::Status& status) {
  base::Log(base::Severity::kError, "a subscription cannot be read",
            {{"subscription", std::string(name)},
             {"error", std::string(FromAbsl(status.message()))}});
}

}  // namespace

void SubscriptionRegistry::Load() {
  std::vector<log::StoredSubscription> stored;
  unreadable_ = context_.log.ReadSubscriptions(
      [&stored](const log::StoredSubscription& one) { stored.push_back(one); });
  if (!unreadable_.ok()) Complain("?", unreadable_);
  for (const log::StoredSubscription& one : stored) {
    newest_id_ = std::max(newest_id_, one.row.id);
    absl::StatusOr<Ptr> made = Make(one);
    if (made.ok()) {
      subscriptions_.emplace(one.row.name, *std::move(made));
    } else {
      Complain(one.row.name, made.status());
      damaged_.emplace(one.row.name, made.status());
    }
  }
}

absl::StatusOr<SubscriptionRegistry::Ptr> SubscriptionRegistry::Make(
    const log::StoredSubscription& stored) {
  TUCO_ASSIGN_OR_RETURN(SubscriptionSettings settings,
                        read_settings_(stored.row.settings));
  if (settings.mode == SubscriptionMode::kCursor) {
    // What was delivered before the server was started is not known: up to the
    // head of that moment a reader is taken at its word.
    return std::make_shared<CursorSubscription>(
        context_, stored.row, std::move(settings), context_.log.bounds().head);
  }
  auto shared = std::make_shared<SharedSubscription>(context_, stored.row,
                                                     std::move(settings));
  TUCO_RETURN_IF_ERROR(shared->Load(stored.unsettled));
  return shared;
}

absl::StatusOr<SubscriptionRegistry::Ptr> SubscriptionRegistry::Find(
    std::string_view name) {
  const auto found = subscriptions_.find(name);
  if (found != subscriptions_.end()) {
    const absl::Status& broken = found->second->broken();
    if (broken.ok()) return found->second;
    // On its way out, it is gone already.
    return absl::IsNotFound(broken) ? broken : ReadAgain(found->first);
  }
  const auto damaged = damaged_.find(name);
  if (damaged != damaged_.end()) return damaged->second;
  if (!unreadable_.ok()) return unreadable_;
  return absl::NotFoundError(Concat({"there is no subscription ", name}));
}

absl::StatusOr<SubscriptionRegistry::Ptr> SubscriptionRegistry::ReadAgain(
    const std::string& name) {
  std::optional<log::StoredSubscription> stored;
  const absl::Status status =
      context_.log.ReadSubscriptions([&](const log::StoredSubscription& one) {
        if (one.row.name == name) stored = one;
      });
  if (!stored.has_value()) {
    return status.ok() ? absl::NotFoundError(
                             Concat({"there is no subscription ", name}))
                       : status;
  }
  TUCO_ASSIGN_OR_RETURN(Ptr made, Make(*stored));
  Add(subscriptions_[name]->counts(), gone_);
  subscriptions_[name] = made;
  return made;
}

absl::StatusOr<std::shared_ptr<CursorSubscription>>
SubscriptionRegistry::FindCursor(std::string_view name) {
  TUCO_ASSIGN_OR_RETURN(const Ptr found, Find(name));
  auto cursor = std::dynamic_pointer_cast<CursorSubscription>(found);
  if (cursor == nullptr) return WrongMode(name, "SHARED", "Consume");
  return cursor;
}

absl::StatusOr<std::shared_ptr<SharedSubscription>>
SubscriptionRegistry::FindShared(std::string_view name) {
  TUCO_ASSIGN_OR_RETURN(const Ptr found, Find(name));
  auto shared = std::dynamic_pointer_cast<SharedSubscription>(found);
  if (shared == nullptr) {
    return WrongMode(name, "CURSOR", "StreamEvents and Acknowledge");
  }
  return shared;
}

void SubscriptionRegistry::Create(std::string name,
                                  SubscriptionSettings settings,
                                  std::uint64_t position, Created done) {
  const auto found = subscriptions_.find(name);
  if (found != subscriptions_.end() || damaged_.contains(name)) {
    std::move(done)(absl::AlreadyExistsError(
        Concat({"there is a subscription ", name, " already"})));
    return;
  }
  if (subscriptions_.size() >= kSubscriptionsMax) {
    std::move(done)(absl::ResourceExhaustedError(
        Concat({"there are ", std::to_string(kSubscriptionsMax),
                " subscriptions already, which is the limit"})));
    return;
  }
  // Above every other one, also above what could not be read.
  const auto now = context_.clock.Now().time_since_epoch().count();
  newest_id_ = std::max(newest_id_ + 1, static_cast<std::uint64_t>(now));
  log::StoredSubscription stored;
  stored.row = {.name = std::move(name),
                .id = newest_id_,
                .settings = settings.stored,
                .through = position,
                .created_at = context_.clock.Now(),
                .active_at = context_.clock.Now()};
  Ptr made;
  if (settings.mode == SubscriptionMode::kCursor) {
    made = std::make_shared<CursorSubscription>(
        context_, stored.row, std::move(settings), /*delivered=*/position);
  } else {
    made = std::make_shared<SharedSubscription>(context_, stored.row,
                                                std::move(settings));
  }
  subscriptions_[made->row().name] = made;
  made->Begin(
      [this, made, done = std::move(done)](absl::Status status) mutable {
        if (status.ok()) {
          std::move(done)(std::move(made));
        } else {
          Drop(made->row().name);
          std::move(done)(std::move(status));
        }
      });
}

void SubscriptionRegistry::Delete(std::string_view name,
                                  LiveSubscription::Done done) {
  const absl::StatusOr<Ptr> found = Find(name);
  if (!found.ok()) {
    std::move(done)(found.status());
    return;
  }
  const std::string key(name);
  (*found)->Delete([this, key, gone = *found,
                    done = std::move(done)](absl::Status status) mutable {
    if (status.ok()) {
      Drop(key);
    } else {
      (void)ReadAgain(key);
    }
    std::move(done)(std::move(status));
  });
}

void SubscriptionRegistry::Drop(const std::string& name) {
  const auto found = subscriptions_.find(name);
  if (found == subscriptions_.end()) return;
  Add(found->second->counts(), gone_);
  subscriptions_.erase(found);
}

std::vector<SubscriptionRegistry::Ptr> SubscriptionRegistry::Behind(
    std::string_view after, std::size_t count) {
  std::vector<Ptr> found;
  for (auto at = subscriptions_.upper_bound(after);
       at != subscriptions_.end() && found.size() < count; ++at) {
    found.push_back(at->second);
  }
  return found;
}

std::optional<Instant> SubscriptionRegistry::Turn() {
  const Instant now = context_.clock.Steady();
  std::optional<Instant> due;
  std::vector<std::string> expired;
  for (const auto& [name, subscription] : subscriptions_) {
    if (!subscription->broken().ok()) continue;
    const std::optional<Instant> next = subscription->Turn(now);
    if (next.has_value()) due = due.has_value() ? std::min(*due, *next) : next;
    if (subscription->expired()) expired.push_back(name);
  }
  for (const std::string& name : expired) {
    base::Log(base::Severity::kInfo, "a subscription has expired",
              {{"subscription", name}});
    Delete(name, [](const absl::Status&) {});
  }
  return due;
}

void SubscriptionRegistry::End(const absl::Status& why) {
  for (const auto& [name, subscription] : subscriptions_) {
    if (!subscription->broken().ok()) continue;
    subscription->End(why);
    subscription->Flush();
  }
}

bool SubscriptionRegistry::unsettled() const {
  return std::any_of(
      subscriptions_.begin(), subscriptions_.end(),
      [](const auto& entry) { return entry.second->unsettled(); });
}

void SubscriptionRegistry::Add(const SubscriptionCounts& counts,
                               Subscriptions::Statistics& statistics) const {
  statistics.delivered += counts.delivered;
  statistics.redelivered += counts.redelivered;
  statistics.settled += counts.settled;
  statistics.parked += counts.parked;
}

Subscriptions::Statistics SubscriptionRegistry::statistics() const {
  Subscriptions::Statistics statistics = gone_;
  statistics.subscriptions = subscriptions_.size();
  for (const auto& [name, subscription] : subscriptions_) {
    statistics.readers += subscription->readers();
    Add(subscription->counts(), statistics);
  }
  return statistics;
}

}  // namespace tuco::stream

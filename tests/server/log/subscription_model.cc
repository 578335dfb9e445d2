#include "tests/server/log/subscription_model.h"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "tests/server/log/subscription_samples.h"

namespace tuco::log {
namespace {

constexpr std::uint64_t kSubscriptionsMax = 4;
constexpr std::uint64_t kSequences = 40;
constexpr std::size_t kPageEvents = 3;

// Reads what `kept` has parked, and says what is wrong about that.
absl::Status FindParked(EventLog& log, std::uint64_t id, std::string& wrong,
                        KeptSubscription& kept) {
  ParkedRequest request{
      .id = id, .after = 0, .events_max = kPageEvents, .bodies = true};
  while (true) {
    const ParkedRead page = ReadParked(log, request);
    for (const ParkedEvent& event : page.events) {
      if (!kept.parked.empty() &&
          event.sequence <= kept.parked.rbegin()->first) {
        wrong = "parked events are not in their order";
      }
      kept.parked[event.sequence] = event;
    }
    if (!page.last.ok()) return page.last.status();
    if (*page.last == request.after) return absl::OkStatus();
    if (page.events.empty() || page.events.back().sequence != *page.last ||
        page.events.size() > kPageEvents) {
      wrong = "a page of parked events says that it ends elsewhere";
    }
    request.after = *page.last;
  }
}

std::uint64_t SomeSequence(base::DiskChance& chance) {
  return 1 + chance.Below(kSequences);
}

Timestamp SomeTime(base::DiskChance& chance) {
  return Timestamp(std::chrono::microseconds(1'776'254'400'000'000 +
                                             chance.Below(1'000'000'000)));
}

SubscriptionRow SomeRow(std::uint64_t id, base::DiskChance& chance) {
  return {.name = absl::StrCat("name ", chance.Below(3), " of ", id),
          .id = id,
          .settings = std::string(chance.Below(chance.OneIn(10) ? 9'000 : 60),
                                  static_cast<char>(chance.Below(256))),
          .through = chance.Below(1'000),
          .created_at = SomeTime(chance),
          .active_at = SomeTime(chance)};
}

UnsettledEvent SomeUnsettled(base::DiskChance& chance) {
  UnsettledEvent event{
      .sequence = SomeSequence(chance),
      .deliveries = static_cast<std::uint32_t>(chance.Below(20)),
      .retry_at = {}};
  if (chance.OneIn(2)) event.retry_at = SomeTime(chance);
  return event;
}

ParkedEvent SomeParked(base::DiskChance& chance) {
  ParkedEvent event = SampleParked(SomeSequence(chance));
  event.body.assign(chance.Below(chance.OneIn(20) ? 20'000 : 300),
                    static_cast<char>(chance.Below(256)));
  event.deliveries = static_cast<std::uint32_t>(chance.Below(20));
  event.replaying = chance.OneIn(2);
  if (chance.OneIn(3)) event.lead_id.clear();
  return event;
}

// Events that become unsettled and parked, or no longer are.
void AddEvents(SubscriptionChange& change, base::DiskChance& chance) {
  const std::uint64_t many = chance.OneIn(10) ? kSequences : 4;
  for (std::uint64_t i = chance.Below(many); i > 0; --i) {
    change.unsettled.push_back(SomeUnsettled(chance));
  }
  for (std::uint64_t i = chance.Below(many); i > 0; --i) {
    change.settled.push_back(SomeSequence(chance));
  }
  for (std::uint64_t i = chance.Below(3); i > 0; --i) {
    change.parked.push_back(SomeParked(chance));
  }
  for (std::uint64_t i = chance.Below(many); i > 0; --i) {
    change.unparked.push_back(SomeSequence(chance));
  }
}

}  // namespace

FoundSubscriptions FindSubscriptions(EventLog& log) {
  FoundSubscriptions found;
  SubscriptionsRead read = ReadSubscriptions(log);
  found.status = read.status;
  std::string name;
  for (StoredSubscription& stored : read.subscriptions) {
    if (stored.row.name < name) {
      found.wrong = "subscriptions are not in their order";
    }
    name = stored.row.name;
    KeptSubscription kept;
    std::uint64_t newest = 0;
    for (const UnsettledEvent& event : stored.unsettled) {
      if (event.sequence <= newest) {
        found.wrong = "unsettled events are not in their order";
      }
      newest = event.sequence;
      kept.unsettled[event.sequence] = event;
    }
    const std::uint64_t id = stored.row.id;
    kept.row = std::move(stored.row);
    const absl::Status parked = FindParked(log, id, found.wrong, kept);
    if (found.parked.ok()) found.parked = parked;
    if (found.status.ok() && parked.ok() &&
        kept.parked.size() != stored.parked) {
      found.wrong =
          absl::StrCat("subscription ", id, " has parked ", kept.parked.size(),
                       " events and not ", stored.parked);
    }
    if (!found.subscriptions.emplace(id, std::move(kept)).second) {
      found.wrong = absl::StrCat("subscription ", id, " was shown twice");
    }
  }
  return found;
}

void SubscriptionModel::Apply(const SubscriptionChange& change) {
  newest_id_ = std::max(newest_id_, change.id);
  if (change.remove) {
    subscriptions_.erase(change.id);
    return;
  }
  if (change.create) subscriptions_[change.id] = {};
  const auto found = subscriptions_.find(change.id);
  if (found == subscriptions_.end()) return;
  KeptSubscription& kept = found->second;
  if (change.row.has_value()) kept.row = *change.row;
  if (change.clear_unsettled) kept.unsettled.clear();
  for (const UnsettledEvent& event : change.unsettled) {
    kept.unsettled[event.sequence] = event;
  }
  for (const std::uint64_t at : change.settled) kept.unsettled.erase(at);
  for (const ParkedEvent& event : change.parked) {
    kept.parked[event.sequence] = event;
  }
  for (const std::uint64_t at : change.unparked) kept.parked.erase(at);
}

void SubscriptionModel::Apply(const std::vector<SubscriptionChange>& changes) {
  for (const SubscriptionChange& change : changes) Apply(change);
}

std::string SubscriptionModel::Check(EventLog& log) const {
  const FoundSubscriptions found = FindSubscriptions(log);
  if (!found.wrong.empty()) return found.wrong;
  for (const absl::Status& status : {found.status, found.parked}) {
    if (!status.ok()) return "cannot read: " + status.ToString();
  }
  for (const auto& [id, kept] : subscriptions_) {
    const auto other = found.subscriptions.find(id);
    if (other == found.subscriptions.end()) {
      return absl::StrCat("subscription ", id, " is gone");
    }
    if (other->second != kept) {
      return absl::StrCat("subscription ", id, " is not what was committed");
    }
  }
  if (found.subscriptions.size() == subscriptions_.size()) return "";
  return "there are subscriptions too many";
}

SubscriptionChange RandomChange(const SubscriptionModel& model,
                                base::DiskChance& chance) {
  const KeptSubscriptions& there = model.subscriptions();
  SubscriptionChange change;
  if (there.empty() || (there.size() < kSubscriptionsMax && chance.OneIn(8))) {
    change.id = model.newest_id() + 1;
    change.create = true;
    change.row = SomeRow(change.id, chance);
    AddEvents(change, chance);
    return change;
  }
  change.id = std::next(there.begin(),
                        static_cast<std::ptrdiff_t>(chance.Below(there.size())))
                  ->first;
  if (chance.OneIn(12)) change.id = 1 + chance.Below(model.newest_id());
  change.remove = chance.OneIn(20);
  if (chance.OneIn(2)) change.row = SomeRow(change.id, chance);
  change.clear_unsettled = chance.OneIn(12);
  AddEvents(change, chance);
  return change;
}

std::vector<SubscriptionChange> RandomChanges(SubscriptionModel model,
                                              std::uint64_t count_max,
                                              base::DiskChance& chance) {
  std::vector<SubscriptionChange> changes;
  for (std::uint64_t i = chance.Below(count_max + 1); i > 0; --i) {
    changes.push_back(RandomChange(model, chance));
    model.Apply(changes.back());
  }
  return changes;
}

}  // namespace tuco::log

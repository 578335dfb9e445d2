#include "server/stream/live_subscription.h"

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>

#include "server/base/logging.h"
#include "tuco/strings.h"

namespace tuco::stream {
namespace {

// How often it is written that a subscription is being used, at least, as a
// part of the time after which it expires.
constexpr int kTouchesPerExpiry = 8;

}  // namespace

LiveSubscription::LiveSubscription(SubscriptionContext& context,
                                   log::SubscriptionRow row,
                                   SubscriptionSettings settings)
    : context_(context),
      row_(std::move(row)),
      settings_(std::move(settings)),
      kept_row_(row_),
      kept_settings_(settings_) {
  // The wall clock says how long ago that was; from now on the steady one does.
  const Instant ago = context_.clock.Now() - row_.active_at;
  active_ = context_.clock.Steady() - std::max(ago, Instant(0));
}

void LiveSubscription::Begin(Done done) {
  beginning_ = true;
  ForceChange(std::move(done));
}

std::optional<Instant> LiveSubscription::Turn(Instant now) {
  std::optional<Instant> due;
  if (settings_.expires_after.has_value()) {
    const Instant interval =
        Instant(*settings_.expires_after) / kTouchesPerExpiry;
    if (readers() > 0 && now - active_ >= interval) Touch();
    due = active_ +
          (readers() > 0 ? interval : Instant(*settings_.expires_after));
  }
  Commit();
  return due;
}

void LiveSubscription::SetSettings(SubscriptionSettings settings, Done done) {
  settings_ = std::move(settings);
  ForceChange(std::move(done));
}

void LiveSubscription::ForceChange(Done done) {
  if (!broken_.ok()) {
    std::move(done)(broken_);
    return;
  }
  Touch();
  waiting_.push_back(std::move(done));
}

void LiveSubscription::Flush() {
  flush_ = true;
  force_ = true;
}

void LiveSubscription::Touch() {
  active_ = context_.clock.Steady();
  force_ = true;
}

bool LiveSubscription::expired() const {
  return settings_.expires_after.has_value() && readers() == 0 &&
         context_.clock.Steady() - active_ >= *settings_.expires_after;
}

SubscriptionInfo LiveSubscription::Info() const {
  SubscriptionInfo info;
  info.name = row_.name;
  info.settings = settings_;
  info.head = context_.log.bounds().head;
  info.readers = static_cast<std::uint32_t>(readers());
  info.created_at = row_.created_at;
  info.active_at = row_.active_at;
  return info;
}

void LiveSubscription::Commit() {
  if (committing_ || !broken_.ok() || !(force_ || dirty())) return;
  log::SubscriptionChange change;
  change.id = row_.id;
  change.create = std::exchange(beginning_, false);
  row_.settings = settings_.stored;
  // What the wall clock says now of that time.
  row_.active_at = context_.clock.Now() - (context_.clock.Steady() - active_);
  change.row = row_;
  const absl::Status gathered = Gather(std::exchange(flush_, false), change);
  if (!gathered.ok()) {
    Break(gathered);
    return;
  }
  row_ = *change.row;
  sent_settings_ = settings_;
  force_ = false;
  committing_ = true;
  committing_waiting_ = std::exchange(waiting_, {});
  ++context_.commits;
  context_.committer.ChangeSubscription(
      std::move(change),
      [self = shared_from_this()](const absl::Status& status) mutable {
        SubscriptionThread& thread = self->context_.thread;
        // It lives until no commit is under way.
        (void)thread.Post(
            [self = std::move(self), status] { self->Committed(status); });
      });
}

void LiveSubscription::Committed(const absl::Status& status) {
  --context_.commits;
  committing_ = false;
  const bool goes_on = OnChanged(status);
  if (status.ok()) {
    kept_row_ = row_;
    kept_settings_ = std::move(sent_settings_);
  } else if (goes_on) {
    row_ = kept_row_;
    settings_ = kept_settings_;
  } else {
    Break(status);
  }
  for (Done& done : std::exchange(committing_waiting_, {})) {
    std::move(done)(status);
  }
}

void LiveSubscription::Delete(Done done) {
  End(absl::AbortedError(Concat({"subscription ", row_.name, " was deleted"})));
  broken_ =
      absl::NotFoundError(Concat({"subscription ", row_.name, " was deleted"}));
  AnswerWaiting();
  log::SubscriptionChange change;
  change.id = row_.id;
  change.remove = true;
  ++context_.commits;
  context_.committer.ChangeSubscription(
      std::move(change), [self = shared_from_this(), done = std::move(done)](
                             const absl::Status& status) mutable {
        SubscriptionThread& thread = self->context_.thread;
        (void)thread.Post(
            [self = std::move(self), done = std::move(done), status]() mutable {
              --self->context_.commits;
              std::move(done)(status);
            });
      });
}

void LiveSubscription::Break(absl::Status why) {
  if (!broken_.ok()) return;
  base::Log(base::Severity::kError, "a subscription cannot be kept",
            {{"subscription", row_.name},
             {"error", std::string(FromAbsl(why.message()))}});
  broken_ = std::move(why);
  End(absl::UnavailableError(
      Concat({"subscription ", row_.name,
              " cannot be kept now: ", FromAbsl(broken_.message())})));
  AnswerWaiting();
}

void LiveSubscription::AnswerWaiting() {
  for (Done& done : std::exchange(waiting_, {})) std::move(done)(broken_);
}

}  // namespace tuco::stream

#include "server/stream/shared_queue.h"

#include <algorithm>
#include <iterator>

namespace tuco::stream {
namespace {

// Events that are looked for before somebody wants them.
constexpr std::size_t kReadyEnough = 256;
// Events that may wait for their time, or for another one of their key, before
// no more are looked for.
constexpr std::size_t kWaitingMax = 10'000;
// Events that all consumers hold.
constexpr std::size_t kOutMax = 100'000;
// How far looking goes on without anything to settle before that is kept.
constexpr std::uint64_t kScannedUnkeptMax = 4'096;

}  // namespace

SharedQueue::SharedQueue(const SubscriptionSettings& settings,
                         std::uint64_t through)
    : settings_(settings),
      scanned_(through),
      written_through_(through),
      settled_max_(through) {}

void SharedQueue::Set(const SubscriptionSettings& settings) {
  settings_ = settings;
}

void SharedQueue::Restore(QueuedEvent event) {
  if (!event.copy && event.sequence > scanned_) {
    const std::uint64_t sequence = event.sequence;
    beyond_.emplace(sequence, std::move(event));
  } else {
    const bool kept = !event.copy;
    Enter(std::move(event), kept);
  }
}

void SharedQueue::Add(std::uint64_t sequence, std::string key) {
  Scanned(sequence - 1);
  QueuedEvent event{.sequence = sequence, .key = {}};
  const auto kept = beyond_.find(sequence);
  const bool is_kept = kept != beyond_.end();
  if (is_kept) {
    event = std::move(kept->second);
    beyond_.erase(kept);
  }
  event.key = std::move(key);
  scanned_ = sequence;
  Enter(std::move(event), is_kept);
}

void SharedQueue::Scanned(std::uint64_t through) {
  // What the log keeps of events that do not match any more.
  while (!beyond_.empty() && beyond_.begin()->first <= through) {
    settled_.push_back(beyond_.begin()->first);
    beyond_.erase(beyond_.begin());
  }
  scanned_ = std::max(scanned_, through);
}

bool SharedQueue::wants_more() const {
  return ready_.size() < kReadyEnough && waiting() < kWaitingMax;
}

void SharedQueue::Enter(QueuedEvent event, bool kept) {
  const auto [place, is_new] = open_.try_emplace(event.sequence);
  Open& open = place->second;
  if (!is_new) {
    // A copy of what is to be delivered anyway is not needed.
    if (event.copy && !open.copy) unparked_.push_back(event.sequence);
    return;
  }
  open.key = std::move(event.key);
  open.deliveries = event.deliveries;
  open.copy = event.copy;
  open.kept = kept;
  open.due = event.retry_at;
  if (!open.copy) plain_.insert(event.sequence);
  if (keys_.Enter(open.key, event.sequence)) Let(place, event.retry_at);
}

void SharedQueue::Let(Opens::iterator event, Instant retry_at) {
  event->second.due = retry_at;
  if (retry_at.count() > 0) {
    event->second.state = State::kWaiting;
    due_.emplace(retry_at, event->first);
  } else {
    event->second.state = State::kReady;
    ready_.insert(event->first);
  }
}

void SharedQueue::LeaveState(Opens::iterator event) {
  Open& open = event->second;
  if (open.state == State::kReady) ready_.erase(event->first);
  if (open.state == State::kWaiting || open.state == State::kOut) {
    due_.erase({open.due, event->first});
  }
  if (open.state == State::kOut) {
    Holder& holder = holders_.at(open.consumer);
    holder.events.erase(event->first);
    holder.bytes -= open.bytes;
    --out_;
  }
  open.state = State::kHeld;
  open.due = Instant(0);
}

void SharedQueue::Remove(Opens::iterator event) {
  LeaveState(event);
  const std::optional<std::uint64_t> next =
      keys_.Leave(event->second.key, event->first);
  plain_.erase(event->first);
  changed_.erase(event->first);
  open_.erase(event);
  if (!next.has_value()) return;
  const auto place = open_.find(*next);
  Let(place, place->second.due);
}

void SharedQueue::Settle(Opens::iterator event) {
  if (event->second.copy) {
    unparked_.push_back(event->first);
  } else {
    if (event->second.kept) settled_.push_back(event->first);
    settled_max_ = std::max(settled_max_, event->first);
  }
  settled_any_ = true;
  Remove(event);
}

void SharedQueue::Park(Opens::iterator event, ParkReason reason, Instant now) {
  Open& open = event->second;
  if (parking_ == 0 && !open.copy) {
    LeaveState(event);
    Let(event, now + settings_.backoff_max);
    NoteHistory(event);
    return;
  }
  if (!open.copy) --parking_;
  parked_.push_back({.sequence = event->first,
                     .deliveries = open.deliveries,
                     .reason = reason,
                     .copy = open.copy});
  if (!open.copy) {
    if (open.kept) settled_.push_back(event->first);
    settled_max_ = std::max(settled_max_, event->first);
  }
  Remove(event);
}

void SharedQueue::Fail(Opens::iterator event, Instant retry_at, Instant now) {
  LeaveState(event);
  if (event->second.deliveries >= settings_.deliveries_max) {
    Park(event, ParkReason::kMaxDeliveries, now);
    return;
  }
  Let(event, retry_at);
  NoteHistory(event);
}

void SharedQueue::NoteHistory(Opens::iterator event) {
  changed_.insert(event->first);
}

void SharedQueue::Seek(std::uint64_t through) {
  moved_through_ = std::max(moved_through_, scanned_);
  while (!plain_.empty()) Remove(open_.find(*plain_.rbegin()));
  beyond_.clear();
  settled_.clear();
  scanned_ = written_through_ = settled_max_ = through;
}

void SharedQueue::Rewind() {
  std::uint64_t floor = std::max(written_through_, settled_max_);
  const auto seen = std::find_if(plain_.rbegin(), plain_.rend(),
                                 [this](std::uint64_t sequence) {
                                   const Open& open = open_.at(sequence);
                                   return open.deliveries > 0 || open.kept;
                                 });
  if (seen != plain_.rend()) floor = std::max(floor, *seen);
  while (!plain_.empty() && *plain_.rbegin() > floor) {
    Remove(open_.find(*plain_.rbegin()));
  }
  scanned_ = std::min(scanned_, floor);
}

void SharedQueue::Drop(std::uint64_t sequence) {
  const auto event = open_.find(sequence);
  if (event != open_.end()) Settle(event);
}

ConsumerId SharedQueue::Join(const ConsumerOptions& options) {
  const ConsumerId consumer = next_consumer_++;
  holders_[consumer].options = options;
  return consumer;
}

void SharedQueue::Leave(ConsumerId consumer, bool untouched, Instant now) {
  const auto holder = holders_.find(consumer);
  if (holder == holders_.end()) return;
  const std::set<std::uint64_t> events = holder->second.events;
  for (const std::uint64_t sequence : events) {
    const auto event = open_.find(sequence);
    if (untouched) {
      LeaveState(event);
      --event->second.deliveries;
      Let(event, Instant(0));
      if (event->second.kept || event->second.copy) NoteHistory(event);
    } else {
      Fail(event, Instant(0), now);
    }
  }
  holders_.erase(consumer);
}

std::optional<std::uint64_t> SharedQueue::ready() const {
  if (ready_.empty()) return std::nullopt;
  return *ready_.begin();
}

bool SharedQueue::is_copy(std::uint64_t sequence) const {
  const auto event = open_.find(sequence);
  return event != open_.end() && event->second.copy;
}

bool SharedQueue::HasRoom(ConsumerId consumer, std::size_t bytes) const {
  const Holder& holder = holders_.at(consumer);
  if (out_ >= kOutMax || holder.events.size() >= holder.options.events_max) {
    return false;
  }
  return holder.events.empty() ||
         holder.bytes + bytes <= holder.options.bytes_max;
}

std::uint32_t SharedQueue::Deliver(std::uint64_t sequence, ConsumerId consumer,
                                   std::size_t bytes, Instant now) {
  const auto event = open_.find(sequence);
  LeaveState(event);
  Open& open = event->second;
  open.state = State::kOut;
  open.due = now + settings_.ack_deadline;
  open.consumer = consumer;
  open.bytes = bytes;
  due_.emplace(open.due, sequence);
  Holder& holder = holders_.at(consumer);
  holder.events.insert(sequence);
  holder.bytes += bytes;
  ++out_;
  return ++open.deliveries;
}

Outcome SharedQueue::Judge(ConsumerId consumer, const Verdict& verdict,
                           Instant now, bool& durable) {
  durable = false;
  const auto event = open_.find(verdict.sequence);
  if (event == open_.end()) return JudgeMissing(verdict.sequence);
  if (event->second.state != State::kOut) {
    return JudgeLate(event, verdict, now, durable);
  }
  if (event->second.consumer != consumer) return Outcome::kHandedOn;
  return Apply(event, verdict, now, durable);
}

Outcome SharedQueue::JudgeMissing(std::uint64_t sequence) const {
  if (sequence <= scanned_) return Outcome::kSettled;
  return sequence <= moved_through_ ? Outcome::kHandedOn
                                    : Outcome::kNotDelivered;
}

Outcome SharedQueue::JudgeLate(Opens::iterator event, const Verdict& verdict,
                               Instant now, bool& durable) {
  if (event->second.deliveries == 0) {
    return event->first <= moved_through_ ? Outcome::kHandedOn
                                          : Outcome::kNotDelivered;
  }
  // It has no deadline any more, and waits for its next delivery already.
  if (verdict.kind == Verdict::Kind::kExtend) return Outcome::kHandedOn;
  if (verdict.kind == Verdict::Kind::kRetry) return Outcome::kApplied;
  return Apply(event, verdict, now, durable);
}

Outcome SharedQueue::Apply(Opens::iterator event, const Verdict& verdict,
                           Instant now, bool& durable) {
  durable = verdict.kind != Verdict::Kind::kExtend;
  switch (verdict.kind) {
    case Verdict::Kind::kAck:
    case Verdict::Kind::kSkip:
      Settle(event);
      break;
    case Verdict::Kind::kPark:
      Park(event, ParkReason::kConsumer, now);
      break;
    case Verdict::Kind::kRetry:
      Fail(event,
           now + verdict.after.value_or(Backoff(event->second.deliveries)),
           now);
      break;
    case Verdict::Kind::kExtend:
      due_.erase({event->second.due, event->first});
      event->second.due = now + verdict.after.value_or(settings_.ack_deadline);
      due_.emplace(event->second.due, event->first);
      break;
  }
  return Outcome::kApplied;
}

void SharedQueue::Expire(Instant now) {
  while (!due_.empty() && due_.begin()->first <= now) {
    const auto event = open_.find(due_.begin()->second);
    if (event->second.state == State::kOut) {
      Fail(event, now + Backoff(event->second.deliveries), now);
    } else {
      LeaveState(event);
      Let(event, Instant(0));
    }
  }
}

std::optional<Instant> SharedQueue::next_due() const {
  if (due_.empty()) return std::nullopt;
  return due_.begin()->first;
}

Instant SharedQueue::Backoff(std::uint32_t deliveries) const {
  Instant backoff = settings_.backoff_min;
  for (std::uint32_t i = 1; i < deliveries && backoff < settings_.backoff_max;
       ++i) {
    backoff *= 2;
  }
  return std::min(backoff, settings_.backoff_max);
}

std::uint64_t SharedQueue::through() const {
  if (plain_.empty()) return scanned_;
  return std::max({written_through_, settled_max_, *plain_.begin() - 1});
}

bool SharedQueue::dirty() const {
  return settled_any_ || !settled_.empty() || !unparked_.empty() ||
         !parked_.empty() || !changed_.empty() ||
         through() >= written_through_ + kScannedUnkeptMax;
}

bool SharedQueue::changed() const {
  return dirty() || through() > written_through_;
}

QueueChange SharedQueue::Take() {
  QueueChange change;
  change.through = through();
  // What the position passes is settled unless it is said not to be.
  for (auto at = plain_.upper_bound(written_through_);
       at != plain_.end() && *at <= change.through; ++at) {
    if (!open_.at(*at).kept) changed_.insert(*at);
  }
  for (const std::uint64_t sequence : changed_) {
    Open& open = open_.at(sequence);
    const History history{
        .sequence = sequence,
        .deliveries = open.deliveries,
        .retry_at = open.state == State::kOut ? Instant(0) : open.due};
    (open.copy ? change.copies : change.unsettled).push_back(history);
    open.kept = !open.copy;
  }
  changed_.clear();
  change.settled = std::exchange(settled_, {});
  change.unparked = std::exchange(unparked_, {});
  change.parked = std::exchange(parked_, {});
  written_through_ = change.through;
  settled_any_ = false;
  return change;
}

std::optional<std::uint64_t> SharedQueue::oldest() const {
  if (plain_.empty()) return std::nullopt;
  return *plain_.begin();
}

}  // namespace tuco::stream

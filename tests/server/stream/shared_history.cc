#include "tests/server/stream/shared_history.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace tuco::stream {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

constexpr std::size_t kEventBytes = 100;
constexpr std::uint64_t kParkingMax = 1'000'000;

}  // namespace

SharedHistory::SharedHistory(std::uint64_t seed)
    : random_(seed), now_(hours(1)) {
  settings_.mode = SubscriptionMode::kShared;
  settings_.deliveries_max = static_cast<std::uint32_t>(1 + Some(4));
  settings_.ordering_key =
      Some(2) == 0 ? OrderingKey::kNone : OrderingKey::kLead;
  settings_.backoff_max = seconds(8);
  Begin();
}

void SharedHistory::Wrong(std::string what) {
  if (wrong_.empty()) wrong_ = std::move(what);
}

// A queue with what the log has.
void SharedHistory::Begin() {
  queue_.emplace(settings_, durable_.through);
  queue_->AllowParking(kParkingMax);
  for (const auto& [sequence, history] : durable_.unsettled) {
    queue_->Restore({.sequence = sequence,
                     .key = events_.at(sequence).key,
                     .deliveries = history.deliveries,
                     .retry_at = history.retry_at});
  }
  for (const auto& [sequence, deliveries] : durable_.parked) {
    if (!deliveries.has_value()) continue;
    queue_->Restore({.sequence = sequence,
                     .key = events_.at(sequence).key,
                     .deliveries = *deliveries,
                     .copy = true});
  }
  consumers_.clear();
  moved_through_ = 0;
}

std::string SharedHistory::Run(std::uint64_t operations) {
  for (std::uint64_t i = 0; i < operations && wrong_.empty(); ++i) Step();
  if (wrong_.empty()) Drain();
  return wrong_;
}

void SharedHistory::Step() {
  switch (Some(20)) {
    case 0:
    case 1:
      return Append();
    case 2:
    case 3:
      return Scan();
    case 4:
    case 5:
    case 6:
    case 7:
      if (const auto consumer = SomeConsumer()) Deliver(*consumer);
      return;
    case 8:
    case 9:
    case 10:
    case 11:
      return Judge();
    case 12:
      return Pass(Instant(seconds(Some(3))));
    case 13:
      return Pass(Instant(seconds(Some(60))));
    case 14:
      return Some(2) == 0 ? Join() : Leave();
    case 15:
    case 16:
      return Keep();
    case 17:
      return Some(4) == 0 ? Crash() : Replay();
    case 18:
      return Some(10) == 0 ? Seek() : Rewind();
    default:
      return CheckReady();
  }
}

void SharedHistory::Append() {
  Count("append");
  for (std::uint64_t i = Some(4); i > 0; --i) {
    Event event;
    event.matches = Some(5) != 0;
    if (settings_.ordering_key != OrderingKey::kNone && Some(4) != 0) {
      event.key = std::string(1, static_cast<char>('a' + Some(3)));
    }
    events_[++head_] = event;
  }
}

void SharedHistory::Scan() {
  Count("scan");
  for (std::uint64_t i = Some(6); i > 0; --i) {
    const std::uint64_t sequence = queue_->scanned() + 1;
    if (sequence > head_) break;
    const Event& event = events_.at(sequence);
    if (event.matches) {
      queue_->Add(sequence, event.key);
    } else {
      queue_->Scanned(sequence);
    }
  }
  looked_through_ = std::max(looked_through_, queue_->scanned());
}

bool SharedHistory::MayGo(std::uint64_t sequence, bool surely) const {
  const Event& event = events_.at(sequence);
  if (event.place != Place::kOpen || !event.matches) return false;
  if (!event.replayed && sequence > queue_->scanned()) return false;
  if (event.key.empty()) return true;
  // Nobody of its key may be on its way, nor wait for its time. One that has
  // waited since before the server died may itself be held back by now.
  return std::none_of(events_.begin(), events_.end(), [&](const auto& other) {
    if (other.first == sequence || other.second.key != event.key) return false;
    return other.second.place == Place::kOut ||
           (other.second.place == Place::kWaiting &&
            (surely || other.second.failed_here));
  });
}

void SharedHistory::CheckReady() {
  Count("look");
  queue_->Expire(now_);
  Pass(Instant(0));
  if (queue_->ready().has_value()) return;
  for (const auto& [sequence, event] : events_) {
    if (MayGo(sequence, /*surely=*/true)) {
      return Wrong("event " + std::to_string(sequence) +
                   " may go, but nothing is ready");
    }
  }
}

std::optional<ConsumerId> SharedHistory::SomeConsumer() {
  if (consumers_.empty()) return std::nullopt;
  auto place = consumers_.begin();
  std::advance(place, Some(consumers_.size()));
  return place->first;
}

void SharedHistory::Deliver(ConsumerId consumer) {
  Count("deliver");
  Pass(Instant(0));
  const std::size_t held = static_cast<std::size_t>(
      std::count_if(events_.begin(), events_.end(), [&](const auto& one) {
        return one.second.place == Place::kOut &&
               one.second.consumer == consumer;
      }));
  const ConsumerOptions& options = consumers_.at(consumer);
  const bool room =
      held == 0 || (held < options.events_max &&
                    (held + 1) * kEventBytes <= options.bytes_max);
  if (queue_->HasRoom(consumer, kEventBytes) != room) {
    return Wrong("room for an event is not as it should be");
  }
  const std::optional<std::uint64_t> sequence = queue_->ready();
  if (!room || !sequence.has_value()) return;
  if (!MayGo(*sequence, /*surely=*/false)) {
    return Wrong("event " + std::to_string(*sequence) +
                 " is ready, but may not go");
  }
  Event& event = events_.at(*sequence);
  if (queue_->is_copy(*sequence) != event.replayed) {
    return Wrong("event " + std::to_string(*sequence) + " is the wrong one");
  }
  const std::uint32_t attempt =
      queue_->Deliver(*sequence, consumer, kEventBytes, now_);
  ++event.deliveries;
  if (event.deliveries_known ? attempt != event.deliveries
                             : attempt > event.deliveries) {
    return Wrong("event " + std::to_string(*sequence) + " has attempt " +
                 std::to_string(attempt) + " instead of " +
                 std::to_string(event.deliveries));
  }
  event.deliveries = attempt;
  event.deliveries_known = true;
  event.place = Place::kOut;
  event.consumer = consumer;
  event.due = now_ + settings_.ack_deadline;
}

Instant SharedHistory::Backoff(std::uint32_t deliveries) const {
  Instant wait = settings_.backoff_min;
  for (std::uint32_t i = 1; i < deliveries; ++i) {
    wait = std::min(2 * wait, settings_.backoff_max);
  }
  return wait;
}

void SharedHistory::Park(Event& event) {
  event.place = Place::kParked;
  event.replayed = false;
}

void SharedHistory::Fail(Event& event, Instant retry_at) {
  if (event.deliveries >= settings_.deliveries_max) {
    Park(event);
  } else if (retry_at > now_) {
    event.place = Place::kWaiting;
    event.due = retry_at;
    event.failed_here = true;
  } else {
    event.place = Place::kOpen;
  }
}

void SharedHistory::Pass(Instant time) {
  now_ += time;
  queue_->Expire(now_);
  for (auto& [sequence, event] : events_) {
    if (event.due > now_) continue;
    if (event.place == Place::kOut) {
      Fail(event, now_ + Backoff(event.deliveries));
    } else if (event.place == Place::kWaiting) {
      event.place = Place::kOpen;
    }
  }
}

Outcome SharedHistory::Expect(std::uint64_t sequence, ConsumerId consumer,
                              const Verdict& verdict) {
  const auto found = events_.find(sequence);
  const Outcome none = sequence <= queue_->scanned() ? Outcome::kSettled
                       : sequence <= moved_through_  ? Outcome::kHandedOn
                                                     : Outcome::kNotDelivered;
  if (found == events_.end() || !found->second.matches) return none;
  Event& event = found->second;
  if (event.place == Place::kSettled || event.place == Place::kParked) {
    return none;
  }
  if (!event.replayed && sequence > queue_->scanned()) return none;
  if (event.place == Place::kOut) {
    if (event.consumer != consumer) return Outcome::kHandedOn;
    ApplyVerdict(event, verdict);
    return Outcome::kApplied;
  }
  if (event.deliveries == 0) {
    return sequence <= moved_through_ ? Outcome::kHandedOn
                                      : Outcome::kNotDelivered;
  }
  if (verdict.kind == Verdict::Kind::kExtend) return Outcome::kHandedOn;
  if (verdict.kind != Verdict::Kind::kRetry) ApplyVerdict(event, verdict);
  return Outcome::kApplied;
}

void SharedHistory::ApplyVerdict(Event& event, const Verdict& verdict) {
  switch (verdict.kind) {
    case Verdict::Kind::kAck:
    case Verdict::Kind::kSkip:
      event.place = Place::kSettled;
      event.replayed = false;
      break;
    case Verdict::Kind::kPark:
      Park(event);
      break;
    case Verdict::Kind::kRetry:
      Fail(event, now_ + verdict.after.value_or(Backoff(event.deliveries)));
      break;
    case Verdict::Kind::kExtend:
      event.due = now_ + verdict.after.value_or(settings_.ack_deadline);
      break;
  }
}

void SharedHistory::Judge() {
  const auto consumer = SomeConsumer();
  if (!consumer.has_value() || head_ == 0) return;
  Count("judge");
  Pass(Instant(0));
  Verdict verdict;
  // Mostly something that is out, sometimes anything at all.
  std::vector<std::uint64_t> out;
  for (const auto& [sequence, event] : events_) {
    if (event.place == Place::kOut) out.push_back(sequence);
  }
  verdict.sequence =
      out.empty() || Some(3) == 0 ? 1 + Some(head_ + 2) : out[Some(out.size())];
  verdict.kind = static_cast<Verdict::Kind>(Some(5));
  if (Some(2) == 0) verdict.after = Instant(seconds(1 + Some(20)));
  const auto found = events_.find(verdict.sequence);
  // What it was delivered to mostly, so that most verdicts count.
  const ConsumerId judge = found != events_.end() &&
                                   found->second.place == Place::kOut &&
                                   Some(4) != 0
                               ? found->second.consumer
                               : *consumer;
  // Once a crash has made the count unknown, only the queue knows it.
  if (found != events_.end() && !found->second.deliveries_known) return;
  const Outcome expected = Expect(verdict.sequence, judge, verdict);
  if (lose_acks_ && verdict.kind == Verdict::Kind::kAck) return;
  bool durable = false;
  const Outcome outcome = queue_->Judge(judge, verdict, now_, durable);
  if (outcome != expected) {
    Wrong("the verdict of event " + std::to_string(verdict.sequence) +
          " came to " + std::to_string(static_cast<int>(outcome)) +
          " instead of " + std::to_string(static_cast<int>(expected)));
  }
}

void SharedHistory::Join() {
  if (consumers_.size() > 4) return;
  Count("join");
  const ConsumerOptions options{.events_max = 1 + Some(4),
                                .bytes_max = kEventBytes * (1 + Some(4))};
  consumers_[queue_->Join(options)] = options;
}

void SharedHistory::Leave() {
  const auto consumer = SomeConsumer();
  if (!consumer.has_value()) return;
  Count("leave");
  Pass(Instant(0));
  const bool untouched = Some(2) == 0;
  queue_->Leave(*consumer, untouched, now_);
  for (auto& [sequence, event] : events_) {
    if (event.place != Place::kOut || event.consumer != *consumer) continue;
    if (untouched) {
      --event.deliveries;
      event.place = Place::kOpen;
    } else {
      Fail(event, now_);
    }
  }
  consumers_.erase(*consumer);
}

void SharedHistory::Keep() {
  Count("keep");
  Pass(Instant(0));
  const QueueChange change = queue_->Take();
  durable_.through = change.through;
  for (const History& history : change.unsettled) {
    durable_.unsettled[history.sequence] = history;
  }
  for (const std::uint64_t sequence : change.settled) {
    durable_.unsettled.erase(sequence);
  }
  for (const History& history : change.copies) {
    durable_.parked[history.sequence] = history.deliveries;
  }
  for (const Parking& parking : change.parked) {
    durable_.parked[parking.sequence] = std::nullopt;
  }
  for (const std::uint64_t sequence : change.unparked) {
    durable_.parked.erase(sequence);
  }
  kept_ = events_;
  CheckDurable();
}

void SharedHistory::CheckDurable() {
  for (const auto& [sequence, event] : events_) {
    if (!event.matches) continue;
    const auto unsettled = durable_.unsettled.find(sequence);
    const bool open =
        sequence > durable_.through || unsettled != durable_.unsettled.end();
    const auto parked = durable_.parked.find(sequence);
    const std::string name = "event " + std::to_string(sequence);
    switch (event.place) {
      case Place::kSettled:
        if (open) return Wrong(name + " was settled, and is kept as open");
        break;
      case Place::kParked:
        if (open || parked == durable_.parked.end() || parked->second) {
          return Wrong(name + " was parked, and is kept otherwise");
        }
        break;
      default:
        if (event.replayed
                ? parked == durable_.parked.end() || !parked->second.has_value()
                : !open) {
          return Wrong(name + " is open, and is kept otherwise");
        }
        if (event.place == Place::kWaiting && event.deliveries_known &&
            !event.replayed &&
            (unsettled == durable_.unsettled.end() ||
             unsettled->second.deliveries != event.deliveries)) {
          return Wrong(name + " failed, and that is not kept");
        }
    }
  }
}

void SharedHistory::Crash() {
  Count("crash");
  // What was not made durable has not happened, but for what came.
  for (auto& [sequence, event] : events_) {
    const auto kept = kept_.find(sequence);
    Event before = kept != kept_.end() ? kept->second : Event();
    before.key = event.key;
    before.matches = event.matches;
    if (before.place == Place::kOut || before.place == Place::kWaiting) {
      before.place = Place::kOpen;
    }
    // How often it was delivered is known as far as it was kept.
    before.deliveries = std::max(before.deliveries, event.deliveries);
    before.deliveries_known = false;
    before.failed_here = false;
    event = before;
  }
  Begin();
  // What waits still waits, as far as that was kept.
  for (const auto& [sequence, history] : durable_.unsettled) {
    if (history.retry_at > now_) {
      events_.at(sequence).place = Place::kWaiting;
      events_.at(sequence).due = history.retry_at;
    }
  }
}

void SharedHistory::Replay() {
  for (auto& [sequence, deliveries] : durable_.parked) {
    Event& event = events_.at(sequence);
    if (deliveries.has_value() || event.place != Place::kParked ||
        Some(2) == 0) {
      continue;
    }
    Count("replay");
    deliveries = 0;
    event.place = Place::kOpen;
    event.replayed = true;
    event.deliveries = 0;
    event.deliveries_known = true;
    kept_[sequence] = event;
    queue_->Restore({.sequence = sequence, .key = event.key, .copy = true});
  }
}

void SharedHistory::Seek() {
  // A copy that is settled and then looked at again comes once more: this
  // model does not follow that.
  if (std::any_of(events_.begin(), events_.end(),
                  [](const auto& one) { return one.second.replayed; })) {
    return;
  }
  Count("seek");
  Keep();
  if (!wrong_.empty()) return;
  const std::uint64_t position = Some(head_ + 1);
  moved_through_ = std::max(moved_through_, queue_->scanned());
  queue_->Seek(position);
  durable_.through = position;
  durable_.unsettled.clear();
  for (auto& [sequence, event] : events_) {
    if (!event.matches) continue;
    // What is parked and comes again is no concern of this model.
    if (event.place == Place::kParked) durable_.parked.erase(sequence);
    event.place = sequence > position ? Place::kOpen : Place::kSettled;
    event.deliveries = 0;
    event.deliveries_known = true;
  }
  kept_ = events_;
}

void SharedHistory::Rewind() {
  Count("rewind");
  queue_->Rewind();
}

void SharedHistory::Drain() {
  Join();
  if (consumers_.empty()) return Wrong("nobody could join");
  for (int idle = 0; idle < 100 && wrong_.empty();) {
    Pass(seconds(10));
    Scan();
    bool progress = false;
    for (auto& [sequence, event] : events_) {
      if (event.place != Place::kOut || !event.deliveries_known) continue;
      bool durable = false;
      const Verdict ack{.sequence = sequence};
      const ConsumerId consumer = event.consumer;
      const Outcome expected = Expect(sequence, consumer, ack);
      if (queue_->Judge(consumer, ack, now_, durable) != expected) {
        return Wrong("an ack in time does not count");
      }
      progress = true;
    }
    for (const auto& [consumer, options] : consumers_) Deliver(consumer);
    if (queue_->outstanding() > 0 || queue_->scanned() < head_) progress = true;
    idle = progress ? 0 : idle + 1;
  }
  if (wrong_.empty()) Keep();
  for (const auto& [sequence, event] : events_) {
    if (event.matches && event.place != Place::kSettled &&
        event.place != Place::kParked) {
      return Wrong("event " + std::to_string(sequence) + " was never settled");
    }
  }
}

}  // namespace tuco::stream

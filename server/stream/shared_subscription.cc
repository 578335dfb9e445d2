#include "server/stream/shared_subscription.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "proto/stream_frame.h"
#include "server/base/logging.h"
#include "server/base/status_macros.h"
#include "server/stream/records_between.h"
#include "server/stream/visibility.h"
#include "tuco/strings.h"

namespace tuco::stream {
namespace {

// Of one frame, as of a stream's batch; a single larger event comes alone.
constexpr std::size_t kFrameEvents = 256;
constexpr std::size_t kFrameBytes = std::size_t{1} << 20;
// Looks behind the newest event in one turn.
constexpr std::size_t kScansPerTurn = 4;
// Parked events that go back with one change.
constexpr std::size_t kReplaysPerChange = 1'000;

std::size_t BytesOf(const log::ParkedEvent& event, bool body) {
  return event.event.size() + (body ? event.body.size() : 0);
}

absl::Status BeyondReach(std::string_view name, std::uint64_t sequence) {
  return absl::PermissionDeniedError(ToAbsl(Concat(
      {"event ", std::to_string(sequence), " waits in subscription ", name,
       ", whose filter let it through at another time, and is not for this ",
       "consumer: have it consumed by one that may see it, or seek behind ",
       "it"})));
}

}  // namespace

SharedSubscription::SharedSubscription(SubscriptionContext& context,
                                       log::SubscriptionRow row,
                                       SubscriptionSettings settings)
    : LiveSubscription(context, std::move(row), std::move(settings)),
      queue_(settings_, row_.through),
      source_(context.log, row_.id) {}

absl::Status SharedSubscription::Load(
    const std::vector<log::UnsettledEvent>& unsettled) {
  const Timestamp now = context_.clock.Now();
  const Instant steady = context_.clock.Steady();
  for (const log::UnsettledEvent& event : unsettled) {
    QueuedEvent queued{
        .sequence = event.sequence, .key = {}, .deliveries = event.deliveries};
    if (event.retry_at.has_value() && *event.retry_at > now) {
      queued.retry_at =
          steady + std::min(*event.retry_at - now, kRetryAfterMax);
    }
    if (settings_.ordering_key != OrderingKey::kNone) {
      TUCO_ASSIGN_OR_RETURN(const auto found,
                            source_.Fetch(event.sequence, /*copy=*/false,
                                          /*bodies=*/false));
      // Without it the event is missing, as its consumer will be told.
      if (found.has_value()) {
        queued.key = SharedSource::KeyOf(**found, settings_.ordering_key);
      }
    }
    queue_.Restore(std::move(queued));
  }
  TUCO_RETURN_IF_ERROR(LoadParked());
  queue_.AllowParking(kParkedMax - std::min(kParkedMax, parked_.size()));
  return absl::OkStatus();
}

absl::Status SharedSubscription::LoadParked() {
  std::uint64_t after = 0;
  while (true) {
    std::vector<QueuedEvent> replayed;
    TUCO_ASSIGN_OR_RETURN(
        const std::uint64_t through,
        context_.log.ReadParked(
            {.id = row_.id, .after = after},
            [&](const log::ParkedEvent& event) {
              parked_[event.sequence] = event.replaying;
              if (!event.replaying) return;
              replayed.push_back(
                  {.sequence = event.sequence,
                   .key = SharedSource::KeyOf(event, settings_.ordering_key),
                   .deliveries = event.deliveries,
                   .copy = true});
            }));
    for (QueuedEvent& event : replayed) queue_.Restore(std::move(event));
    if (through == after) return absl::OkStatus();
    after = through;
  }
}

absl::StatusOr<ConsumerId> SharedSubscription::Open(
    const ConsumerOptions& options) {
  if (consumers_.size() >= kConsumersMax) {
    return absl::ResourceExhaustedError(
        Concat({"subscription ", row_.name, " has ",
                std::to_string(kConsumersMax), " consumers already"}));
  }
  Touch();
  const ConsumerId id = queue_.Join(options);
  consumers_.Add(id, options, context_.clock.Steady());
  return id;
}

void SharedSubscription::Next(ConsumerId id, Consumer::Done done) {
  SharedConsumer* const consumer = consumers_.Find(id);
  if (consumer == nullptr) {
    std::move(done)(consumers_.EndOf(id));
    return;
  }
  consumer->next = std::move(done);
}

void SharedSubscription::Judge(ConsumerId id,
                               const std::vector<Verdict>& verdicts,
                               absl::AnyInvocable<void()> taken) {
  SharedConsumer* const consumer = consumers_.Find(id);
  if (consumer == nullptr) {
    std::move(taken)();
    return;
  }
  const Instant now = context_.clock.Steady();
  for (const Verdict& verdict : verdicts) {
    bool durable = false;
    const Outcome outcome = queue_.Judge(id, verdict, now, durable);
    const bool settles = verdict.kind == Verdict::Kind::kAck ||
                         verdict.kind == Verdict::Kind::kSkip;
    if (durable && settles) ++counts_.settled;
    consumers_.AddResult(id, verdict.sequence, outcome, durable);
  }
  consumer->taken = std::move(taken);
}

void SharedSubscription::EndOfVerdicts(ConsumerId id) {
  SharedConsumer* const consumer = consumers_.Find(id);
  if (consumer == nullptr) return;
  consumer->ending = true;
  const Instant now = context_.clock.Steady();
  queue_.Leave(id, /*untouched=*/true, now);
}

void SharedSubscription::Cancel(ConsumerId id) {
  EndConsumer(id, absl::CancelledError("the consumer was cancelled"),
              context_.clock.Steady());
}

void SharedSubscription::Leave(ConsumerId id) {
  Cancel(id);
  consumers_.Forget(id);
}

void SharedSubscription::EndConsumer(ConsumerId id, const absl::Status& why,
                                     Instant now) {
  if (consumers_.Find(id) == nullptr) return;
  queue_.Leave(id, /*untouched=*/false, now);
  consumers_.Remove(id, why);
  if (readers() == 0) Touch();
}

void SharedSubscription::End(const absl::Status& why) {
  const Instant now = context_.clock.Steady();
  for (const ConsumerId id : consumers_.Ids()) EndConsumer(id, why, now);
  for (ReplayJob& job : std::exchange(replays_, {})) std::move(job.done)(why);
}

std::optional<Instant> SharedSubscription::Turn(Instant now) {
  queue_.Expire(now);
  scans_left_ = kScansPerTurn;
  more_to_scan_ = false;
  for (const ConsumerId id : consumers_.Waiting()) Serve(id, now);
  std::optional<Instant> due = LiveSubscription::Turn(now);
  consumers_.TakeMore();
  const auto sooner = [&due](Instant at) {
    due = due.has_value() ? std::min(*due, at) : at;
  };
  if (more_to_scan_) sooner(now);
  if (readers() > 0) sooner(now + context_.heartbeat / 4);
  if (const auto queue_due = queue_.next_due()) sooner(*queue_due);
  return due;
}

void SharedSubscription::Serve(ConsumerId id, Instant now) {
  SharedConsumer* const consumer = consumers_.Find(id);
  if (consumer == nullptr || consumer->next == nullptr) return;
  const std::size_t before = consumer->frame.size();
  if (!consumer->ending) {
    const absl::Status status = Fill(id, *consumer, now);
    if (!status.ok()) {
      EndConsumer(id, status, now);
      return;
    }
  }
  if (consumer->frame.size() != before) consumers_.Served(id);
  switch (SharedConsumers::Answer(*consumer, now)) {
    case SharedConsumers::Said::kEnd:
      consumers_.Remove(id, absl::OkStatus());
      if (readers() == 0) Touch();
      break;
    case SharedConsumers::Said::kNothing:
      if (now - consumer->answered_at >= context_.heartbeat) {
        Heartbeat(*consumer, now);
      }
      break;
    case SharedConsumers::Said::kFrame:
      break;
  }
}

absl::Status SharedSubscription::Fill(ConsumerId id, SharedConsumer& consumer,
                                      Instant now) {
  if (queue_.ready_count() == 0 && queue_.HasRoom(id, 0)) {
    TUCO_RETURN_IF_ERROR(Scan(consumer));
  }
  const bool bodies = consumer.options.include_body;
  // Others that wait get their share.
  const std::size_t waiting =
      std::max<std::size_t>(1, consumers_.Waiting().size());
  const std::size_t share = std::clamp<std::size_t>(
      (queue_.ready_count() + waiting - 1) / waiting, 1, kFrameEvents);
  std::size_t count = 0;
  while (count < share && consumer.frame.size() < kFrameBytes &&
         queue_.HasRoom(id, 0)) {
    const std::optional<std::uint64_t> sequence = queue_.ready();
    if (!sequence.has_value()) break;
    TUCO_ASSIGN_OR_RETURN(
        const auto event,
        source_.Fetch(*sequence, queue_.is_copy(*sequence), bodies));
    if (!event.has_value()) {
      queue_.Drop(*sequence);
      consumer.missing.push_back({.gap = {.from = *sequence, .to = *sequence},
                                  .reason = proto::GapReason::kRemoved});
      continue;
    }
    // The filter may have been a wider one when the event was queued.
    if (!IsVisible(consumer.options.reach, (*event)->event)) {
      return BeyondReach(row_.name, *sequence);
    }
    const std::size_t bytes = BytesOf(**event, bodies);
    if (!queue_.HasRoom(id, bytes)) break;
    const std::uint32_t attempt = queue_.Deliver(*sequence, id, bytes, now);
    proto::AppendDelivery(ToStored(**event, bodies), attempt, consumer.frame);
    source_.Forget(*sequence);
    ++counts_.delivered;
    if (attempt > 1) ++counts_.redelivered;
    ++count;
  }
  return absl::OkStatus();
}

absl::Status SharedSubscription::Scan(SharedConsumer& consumer) {
  while (queue_.ready_count() == 0 && queue_.wants_more() &&
         queue_.scanned() < context_.log.bounds().head) {
    if (scans_left_ == 0) {
      more_to_scan_ = true;
      break;
    }
    --scans_left_;
    TUCO_ASSIGN_OR_RETURN(const stream::Scan found,
                          source_.ScanBehind(queue_.scanned(), settings_,
                                             consumers_.want_bodies()));
    if (found.missing.has_value()) {
      consumer.missing.push_back(*found.missing);
    }
    for (const stream::Scan::Found& event : found.found) {
      queue_.Add(event.sequence, event.key);
    }
    queue_.Scanned(found.through);
  }
  return absl::OkStatus();
}

void SharedSubscription::Heartbeat(SharedConsumer& consumer, Instant now) {
  const SubscriptionInfo info = Info();
  proto::Lag lag;
  lag.head_sequence = info.head;
  lag.scanned_through = info.settled_through;
  lag.events = RecordsBetween(lag.scanned_through, lag.head_sequence,
                              context_.log.gaps());
  proto::AppendHeartbeat(lag, consumer.frame);
  (void)SharedConsumers::Answer(consumer, now);
}

void SharedSubscription::Seek(std::uint64_t position, Done done) {
  queue_.Seek(position);
  source_.ForgetAll();
  moved_ = true;
  ForceChange(std::move(done));
}

void SharedSubscription::SetSettings(SubscriptionSettings settings, Done done) {
  queue_.Rewind();
  source_.ForgetAll();
  queue_.Set(settings);
  LiveSubscription::SetSettings(std::move(settings), std::move(done));
}

SubscriptionInfo SharedSubscription::Info() const {
  SubscriptionInfo info = LiveSubscription::Info();
  info.settled_through = DurableThrough(queue_.through());
  info.oldest_unacknowledged = queue_.oldest();
  info.outstanding = queue_.outstanding();
  info.waiting = queue_.waiting();
  info.parked = parked_.size();
  return info;
}

bool SharedSubscription::dirty() const {
  return queue_.dirty() || consumers_.collecting() ||
         std::any_of(replays_.begin(), replays_.end(),
                     [](const ReplayJob& job) {
                       return job.sent < job.sequences.size();
                     });
}

absl::Status SharedSubscription::Gather(bool flush,
                                        log::SubscriptionChange& change) {
  sent_content_ = dirty() || moved_ || (flush && queue_.changed());
  sent_parked_.clear();
  sent_unparked_.clear();
  if (!sent_content_) return absl::OkStatus();
  QueueChange queued = queue_.Take();
  change.row->through = queued.through;
  change.clear_unsettled = std::exchange(moved_, false);
  for (const History& history : queued.unsettled) {
    change.unsettled.push_back(ToUnsettled(history));
  }
  for (const History& history : queued.copies) {
    change.parked_updates.push_back({.sequence = history.sequence,
                                     .deliveries = history.deliveries,
                                     .replaying = true});
  }
  change.settled = std::move(queued.settled);
  change.unparked = std::move(queued.unparked);
  TUCO_RETURN_IF_ERROR(GatherParked(queued.parked, change));
  GatherReplayed(change);
  sent_unparked_ = change.unparked;
  consumers_.BeginChange();
  return absl::OkStatus();
}

log::UnsettledEvent SharedSubscription::ToUnsettled(
    const History& history) const {
  log::UnsettledEvent event{.sequence = history.sequence,
                            .deliveries = history.deliveries,
                            .retry_at = std::nullopt};
  if (history.retry_at.count() > 0) {
    event.retry_at =
        context_.clock.Now() + (history.retry_at - context_.clock.Steady());
  }
  return event;
}

absl::Status SharedSubscription::GatherParked(
    const std::vector<Parking>& parked, log::SubscriptionChange& change) {
  sent_parked_.clear();
  for (const Parking& parking : parked) {
    if (parking.copy) {
      change.parked_updates.push_back({.sequence = parking.sequence,
                                       .deliveries = parking.deliveries,
                                       .replaying = false});
      sent_parked_.push_back(parking.sequence);
      continue;
    }
    TUCO_ASSIGN_OR_RETURN(const auto found,
                          source_.Fetch(parking.sequence, /*copy=*/false,
                                        /*bodies=*/true));
    if (!found.has_value()) {
      base::Log(base::Severity::kWarning,
                "an event was removed before it could be parked",
                {{"subscription", row_.name},
                 {"sequence", std::to_string(parking.sequence)}});
      continue;
    }
    log::ParkedEvent event = **found;
    event.deliveries = parking.deliveries;
    event.reason = static_cast<std::uint32_t>(parking.reason);
    event.parked_at = context_.clock.Now();
    change.parked.push_back(std::move(event));
    sent_parked_.push_back(parking.sequence);
  }
  return absl::OkStatus();
}

void SharedSubscription::GatherReplayed(log::SubscriptionChange& change) {
  std::size_t room = kReplaysPerChange;
  for (ReplayJob& job : replays_) {
    for (; room > 0 && job.sent < job.sequences.size(); ++job.sent, --room) {
      change.parked_updates.push_back({.sequence = job.sequences[job.sent],
                                       .deliveries = 0,
                                       .replaying = true});
    }
  }
}

bool SharedSubscription::OnChanged(const absl::Status& status) {
  // That it is being used can be written another time.
  if (!status.ok()) return !sent_content_;
  NoteParked();
  consumers_.EndChange();
  const absl::Status replayed = TakeReplayed();
  if (!replayed.ok()) Break(replayed);
  queue_.AllowParking(kParkedMax - std::min(kParkedMax, parked_.size()));
  return true;
}

void SharedSubscription::NoteParked() {
  for (const std::uint64_t sequence : sent_parked_) parked_[sequence] = false;
  for (const std::uint64_t sequence : sent_unparked_) parked_.erase(sequence);
  counts_.parked += sent_parked_.size();
}

void SharedSubscription::Replay(std::span<const std::uint64_t> sequences,
                                ReplayDone done) {
  ReplayJob job;
  job.done = std::move(done);
  if (sequences.empty()) {
    for (const auto& [sequence, replaying] : parked_) {
      if (!replaying) job.sequences.push_back(sequence);
    }
  }
  for (const std::uint64_t sequence : sequences) {
    const auto parked = parked_.find(sequence);
    if (parked == parked_.end()) {
      job.replayed.not_parked.push_back(sequence);
    } else if (!parked->second) {
      job.sequences.push_back(sequence);
    }
  }
  for (const std::uint64_t sequence : job.sequences) parked_[sequence] = true;
  job.replayed.count = job.sequences.size();
  if (job.sequences.empty()) {
    std::move(job.done)(std::move(job.replayed));
    return;
  }
  replays_.push_back(std::move(job));
}

absl::Status SharedSubscription::TakeReplayed() {
  while (!replays_.empty()) {
    ReplayJob& job = replays_.front();
    for (; job.kept < job.sent; ++job.kept) {
      TUCO_RETURN_IF_ERROR(QueueReplayed(job.sequences[job.kept]));
    }
    if (job.kept < job.sequences.size()) break;
    // Gone before it is answered: whatever comes next must not do so again.
    ReplayJob done = std::move(job);
    replays_.pop_front();
    std::move(done.done)(std::move(done.replayed));
  }
  return absl::OkStatus();
}

absl::Status SharedSubscription::QueueReplayed(std::uint64_t sequence) {
  TUCO_ASSIGN_OR_RETURN(const auto found, source_.Fetch(sequence, /*copy=*/true,
                                                        /*bodies=*/false));
  if (!found.has_value()) return absl::OkStatus();
  queue_.Restore({.sequence = sequence,
                  .key = SharedSource::KeyOf(**found, settings_.ordering_key),
                  .copy = true});
  return absl::OkStatus();
}

}  // namespace tuco::stream

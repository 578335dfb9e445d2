// A SHARED subscription: hands events to its consumers, takes their verdicts,
// and makes durable what they settle before it says so.
//
//   log ──ScanBehind──▶ queue ──Serve──▶ consumers
//                         ▲                  │ Judge
//                         └──────────────────┘──▶ changes ──▶ commit ──▶
//                         results

#ifndef TUCO_SERVER_STREAM_SHARED_SUBSCRIPTION_H_
#define TUCO_SERVER_STREAM_SHARED_SUBSCRIPTION_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <span>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/log/subscription.h"
#include "server/stream/consumer.h"
#include "server/stream/live_subscription.h"
#include "server/stream/shared_consumers.h"
#include "server/stream/shared_queue.h"
#include "server/stream/shared_source.h"

namespace tuco::stream {

// What a subscription may have parked. Beyond that an event waits as long as
// backoff_max instead.
inline constexpr std::size_t kParkedMax = 100'000;
// Consumers of one subscription.
inline constexpr std::size_t kConsumersMax = 1'000;

// On its thread only.
class SharedSubscription final : public LiveSubscription {
 public:
  SharedSubscription(SubscriptionContext& context, log::SubscriptionRow row,
                     SubscriptionSettings settings);

  // Takes over what the log keeps as unsettled and parked. The codes of
  // EventLog::ReadParked and EventLog::Read.
  absl::Status Load(const std::vector<log::UnsettledEvent>& unsettled);

  // ResourceExhausted: there are kConsumersMax.
  absl::StatusOr<ConsumerId> Open(const ConsumerOptions& options);
  // As of Consumer. One that is not there any more has had its last answer.
  void Next(ConsumerId id, Consumer::Done done);
  void Judge(ConsumerId id, const std::vector<Verdict>& verdicts,
             absl::AnyInvocable<void()> taken);
  void EndOfVerdicts(ConsumerId id);
  void Cancel(ConsumerId id);
  // Nobody will ask for it any more.
  void Leave(ConsumerId id);

  using ReplayDone = absl::AnyInvocable<void(absl::StatusOr<Replayed>)>;
  // Delivers parked events again: these, or all where none are named.
  void Replay(std::span<const std::uint64_t> sequences, ReplayDone done);

  std::optional<Instant> Turn(Instant now) override;
  void Seek(std::uint64_t position, Done done) override;
  void SetSettings(SubscriptionSettings settings, Done done) override;
  void End(const absl::Status& why) override;
  SubscriptionInfo Info() const override;
  std::size_t readers() const override { return consumers_.size(); }

 protected:
  bool dirty() const override;
  absl::Status Gather(bool flush, log::SubscriptionChange& change) override;
  bool OnChanged(const absl::Status& status) override;

 private:
  // Parked events on their way back.
  struct ReplayJob {
    std::vector<std::uint64_t> sequences;
    std::size_t sent = 0;  // Of them, that are in a change or done with.
    std::size_t kept = 0;  // That are durable.
    Replayed replayed;
    ReplayDone done;
  };

  absl::Status LoadParked();
  void Serve(ConsumerId id, Instant now);
  // Puts events into the consumer's frame as far as there is room.
  absl::Status Fill(ConsumerId id, SharedConsumer& consumer, Instant now);
  // Looks for more events where none is ready. What is missing is told to
  // `consumer`.
  absl::Status Scan(SharedConsumer& consumer);
  void Heartbeat(SharedConsumer& consumer, Instant now);
  void EndConsumer(ConsumerId id, const absl::Status& why, Instant now);

  log::UnsettledEvent ToUnsettled(const History& history) const;
  absl::Status GatherParked(const std::vector<Parking>& parked,
                            log::SubscriptionChange& change);
  void GatherReplayed(log::SubscriptionChange& change);
  void NoteParked();
  // Queues what is durable of replays, and answers those that are done.
  absl::Status TakeReplayed();
  absl::Status QueueReplayed(std::uint64_t sequence);

  SharedQueue queue_;
  SharedSource source_;
  std::map<std::uint64_t, bool> parked_;  // And whether it is replayed.
  SharedConsumers consumers_;
  // Of the change under way: whether it is more than that it is being used, and
  // what it does to what is parked.
  bool sent_content_ = false;
  std::vector<std::uint64_t> sent_parked_;
  std::vector<std::uint64_t> sent_unparked_;
  bool moved_ = false;             // By Seek, since the last change.
  std::deque<ReplayJob> replays_;  // One after the other.
  std::size_t scans_left_ = 0;     // In this turn.
  bool more_to_scan_ = false;
};

}  // namespace tuco::stream

#endif  // TUCO_SERVER_STREAM_SHARED_SUBSCRIPTION_H_

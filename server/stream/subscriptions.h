// The subscriptions of a log: keeps them, serves their readers and consumers.
//
//   rpc ──▶ Create, Acknowledge, … ─┐                ┌─▶ log::Committer
//   consumers ──▶ Judge, Next ──────┼─▶ one thread ──┤   (durable)
//   committer ──▶ OnCommitted ──────┘                └─▶ log::EventLog::Read
//
// One thread does it all, so that nothing here needs a lock but its queue.

#ifndef TUCO_SERVER_STREAM_SUBSCRIPTIONS_H_
#define TUCO_SERVER_STREAM_SUBSCRIPTIONS_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/base/clock.h"
#include "server/log/committer.h"
#include "server/log/event_log.h"
#include "server/stream/consumer.h"
#include "server/stream/hub.h"
#include "server/stream/position.h"
#include "server/stream/subscription.h"

namespace tuco::stream {

inline constexpr std::size_t kSubscriptionsMax = 1'000;
// Of ReplayParked, by sequence.
inline constexpr std::size_t kReplayMax = 1'000;

// Safe for concurrent use; what returns a value blocks until it is known, and
// durable where something changes: not from inside a callback.
//
// NotFound where there is no subscription of that name, FailedPrecondition
// where it is of the other mode, Unavailable when the server stops, and the
// codes of log::Committer::ChangeSubscription where something changes.
class Subscriptions {
 public:
  struct Options {
    ReadSettings read_settings;
    // A consumer that there was nothing to send to for so long hears of it.
    std::chrono::milliseconds heartbeat{5'000};
  };

  // Reads what the log keeps and starts the thread; all must outlive it. What
  // is damaged there is logged, and answered with DataLoss when it is asked
  // for.
  static std::unique_ptr<Subscriptions> Start(log::EventLog& log,
                                              log::Committer& committer,
                                              Hub& hub,
                                              const base::Clock& clock,
                                              Options options);

  virtual ~Subscriptions() = default;

  // AlreadyExists. ResourceExhausted: there are kSubscriptionsMax. OutOfRange:
  // the position is outside of the log.
  virtual absl::StatusOr<SubscriptionInfo> Create(std::string name,
                                                  SubscriptionSettings settings,
                                                  const Position& position) = 0;

  // Makes new settings of the present ones; an error of `change` is returned.
  // Mode and ordering key must stay. `change` must not block.
  using Change = std::function<absl::StatusOr<SubscriptionSettings>(
      const SubscriptionSettings&)>;
  virtual absl::StatusOr<SubscriptionInfo> Update(std::string_view name,
                                                  Change change) = 0;

  virtual absl::StatusOr<SubscriptionInfo> Get(std::string_view name) = 0;

  // Those behind `after` in the order of their names, at most `count`.
  virtual absl::StatusOr<std::vector<SubscriptionInfo>> List(
      std::string_view after, std::size_t count) = 0;

  virtual absl::Status Delete(std::string_view name) = 0;

  // OutOfRange: the position is outside of the log.
  virtual absl::StatusOr<SubscriptionInfo> Seek(std::string_view name,
                                                const Position& position) = 0;

  // Events parked behind a sequence: at most `count`, and 3 MiB of them, or
  // one.
  virtual absl::StatusOr<ParkedPage> ListParked(std::string_view name,
                                                std::uint64_t after,
                                                std::size_t count,
                                                bool bodies) = 0;

  // Delivers parked events again: these, or all where none are named.
  virtual absl::StatusOr<Replayed> ReplayParked(
      std::string_view name, std::span<const std::uint64_t> sequences) = 0;

  // How far it is acknowledged then. OutOfRange: more than was delivered.
  virtual absl::StatusOr<std::uint64_t> Acknowledge(std::string_view name,
                                                    std::uint64_t through) = 0;

  // The reader of a CURSOR subscription, behind what it has acknowledged;
  // `options` gives the limits and the reach; its position and epoch, and all
  // else of its filter, do not count.
  // A reader that is there already ends with Aborted.
  virtual absl::StatusOr<std::unique_ptr<Stream>> OpenCursor(
      std::string_view name, const StreamOptions& options) = 0;

  // One more consumer of a SHARED subscription.
  virtual absl::StatusOr<std::unique_ptr<Consumer>> OpenConsumer(
      std::string_view name, const ConsumerOptions& options) = 0;

  // Tells that more events are durable, once the log shows them. Safe for
  // concurrent use; does not block.
  virtual void OnCommitted() = 0;

  // Answers every call, ends every consumer with Unavailable, makes what was
  // judged durable, and ends the thread. Before the committer stops.
  virtual void Stop() = 0;

  // Counts, for metrics.
  struct Statistics {
    std::uint64_t subscriptions = 0;
    std::uint64_t readers = 0;
    std::uint64_t delivered = 0;    // Since the start; so is what follows.
    std::uint64_t redelivered = 0;  // Of those, not for the first time.
    std::uint64_t settled = 0;
    std::uint64_t parked = 0;
  };
  virtual Statistics statistics() = 0;
};

}  // namespace tuco::stream

#endif  // TUCO_SERVER_STREAM_SUBSCRIPTIONS_H_

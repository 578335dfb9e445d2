// The events of a SHARED subscription that are not settled, and who has them.
//
//            Add ─▶ [held] ──▶ [ready] ──Deliver──▶ [out] ──ack, skip──▶
//            settled
//                    one of     ▲   ▲                 │ └──park──────▶ parked
//                    its key    │   └──given back─────┤                  ▲
//                    goes       │                     │ retry, deadline, │
//                               └────[waiting]◀───────┘ gone ────────────┘
//                                      backoff            the last delivery
//
// All of it in memory and decided by the times that are passed in: it neither
// reads nor writes, but says what has to be made durable.

#ifndef TUCO_SERVER_STREAM_SHARED_QUEUE_H_
#define TUCO_SERVER_STREAM_SHARED_QUEUE_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "server/stream/consumer.h"
#include "server/stream/key_order.h"
#include "server/stream/subscription.h"

namespace tuco::stream {

// On the steady clock, as base::Clock has it.
using Instant = std::chrono::microseconds;
using ConsumerId = std::uint64_t;

// An event of the queue as it begins.
struct QueuedEvent {
  std::uint64_t sequence = 0;
  std::string key;  // Empty: it waits for no other.
  std::uint32_t deliveries = 0;
  Instant retry_at{0};  // Not before.
  // Whether it is the copy of one that was parked, and is to be replayed.
  bool copy = false;
};

// An event that is to be parked.
struct Parking {
  std::uint64_t sequence = 0;
  std::uint32_t deliveries = 0;
  ParkReason reason = ParkReason::kMaxDeliveries;
  bool copy = false;  // Whether it is parked already, and was replayed.
};

// What an event has been through.
struct History {
  std::uint64_t sequence = 0;
  std::uint32_t deliveries = 0;
  Instant retry_at{0};
};

// What has to be made durable, since it was asked for last.
struct QueueChange {
  std::uint64_t through = 0;
  std::vector<History> unsettled;
  std::vector<History> copies;          // Likewise, of those that are replayed.
  std::vector<std::uint64_t> settled;   // That had been among `unsettled`.
  std::vector<std::uint64_t> unparked;  // Copies that are settled.
  std::vector<Parking> parked;
};

// One thread at a time.
class SharedQueue {
 public:
  // Everything that matches is settled up to `through`, but for what is added
  // with Restore.
  SharedQueue(const SubscriptionSettings& settings, std::uint64_t through);

  // For what happens from now on; mode and ordering key stay.
  void Set(const SubscriptionSettings& settings);

  // How many events may be parked still.
  void AllowParking(std::uint64_t count) { parking_ = count; }

  // An event that the log keeps as unsettled or as a parked copy to be
  // replayed. One that is open already stays as it is.
  void Restore(QueuedEvent event);

  // The next event that matches, behind all before it.
  void Add(std::uint64_t sequence, std::string key);
  // No other one matches up to `through`.
  void Scanned(std::uint64_t through);
  std::uint64_t scanned() const { return scanned_; }
  // Whether there is room for more of them, and use.
  bool wants_more() const;

  // Begins anew behind `through`: events that are not copies are forgotten, and
  // verdicts of them come too late.
  void Seek(std::uint64_t through);
  // Forgets what nobody has seen, as far as that is at the end: it is to be
  // looked for again.
  void Rewind();
  // Forgets an event that cannot be had any more.
  void Drop(std::uint64_t sequence);

  ConsumerId Join(const ConsumerOptions& options);
  // `untouched`: it gives back what it holds, which then counts as not
  // delivered.
  void Leave(ConsumerId consumer, bool untouched, Instant now);

  // The lowest event that is ready, if any.
  std::optional<std::uint64_t> ready() const;
  std::size_t ready_count() const { return ready_.size(); }
  bool is_copy(std::uint64_t sequence) const;
  // Whether `consumer` could take an event of so many bytes now.
  bool HasRoom(ConsumerId consumer, std::size_t bytes) const;
  // Gives a ready event to a consumer; which attempt that is.
  std::uint32_t Deliver(std::uint64_t sequence, ConsumerId consumer,
                        std::size_t bytes, Instant now);

  // What a consumer says. Whether it is to be made durable before the answer
  // is given, in `durable`.
  Outcome Judge(ConsumerId consumer, const Verdict& verdict, Instant now,
                bool& durable);

  // Takes back what was due, and lets go what waited for its time.
  void Expire(Instant now);
  // When Expire has something to do, if ever.
  std::optional<Instant> next_due() const;

  // Whether there is something that should be made durable now.
  bool dirty() const;
  // Whether there is anything at all, such as for when the server stops.
  bool changed() const;
  // All of it; what is taken counts as durable.
  QueueChange Take();

  // The lowest event that is not settled, copies left out.
  std::optional<std::uint64_t> oldest() const;
  // Every event up to here is settled, but for those that are open.
  std::uint64_t through() const;
  std::size_t outstanding() const { return out_; }
  std::size_t waiting() const { return open_.size() - out_; }
  // Whether the event is open, for tests.
  bool is_open(std::uint64_t sequence) const {
    return open_.contains(sequence);
  }

 private:
  enum class State : std::uint8_t { kHeld, kReady, kWaiting, kOut };
  struct Open {
    std::string key;
    State state = State::kHeld;
    std::uint32_t deliveries = 0;
    bool copy = false;
    bool kept = false;  // Whether the log has it as unsettled.
    Instant due{0};     // Of kWaiting and kOut; kHeld: what it will wait for.
    ConsumerId consumer = 0;
    std::size_t bytes = 0;
  };
  struct Holder {
    ConsumerOptions options;
    std::set<std::uint64_t> events;
    std::size_t bytes = 0;
  };
  using Opens = std::map<std::uint64_t, Open>;

  void Enter(QueuedEvent event, bool kept);
  // Of an event whose turn it is: ready, or waiting.
  void Let(Opens::iterator event, Instant retry_at);
  // Out of ready, waiting or out, whichever it is.
  void LeaveState(Opens::iterator event);
  // After a delivery that came to nothing: again, or parked.
  void Fail(Opens::iterator event, Instant retry_at, Instant now);
  void Park(Opens::iterator event, ParkReason reason, Instant now);
  void Settle(Opens::iterator event);
  // Takes it out of the queue and lets the next one of its key go.
  void Remove(Opens::iterator event);
  void NoteHistory(Opens::iterator event);
  Instant Backoff(std::uint32_t deliveries) const;
  Outcome JudgeMissing(std::uint64_t sequence) const;
  Outcome JudgeLate(Opens::iterator event, const Verdict& verdict, Instant now,
                    bool& durable);
  Outcome Apply(Opens::iterator event, const Verdict& verdict, Instant now,
                bool& durable);

  SubscriptionSettings settings_;
  std::uint64_t scanned_;
  std::uint64_t written_through_;
  std::uint64_t settled_max_;        // The highest one that was settled.
  std::uint64_t moved_through_ = 0;  // What had been looked at before a Seek.
  std::uint64_t parking_ = 0;
  Opens open_;
  std::set<std::uint64_t> plain_;  // Those of open_ that are no copies.
  // What the log keeps of events that are not looked at yet.
  std::map<std::uint64_t, QueuedEvent> beyond_;
  KeyOrder keys_;
  std::set<std::uint64_t> ready_;
  std::set<std::pair<Instant, std::uint64_t>> due_;  // Waiting or out.
  std::map<ConsumerId, Holder> holders_;
  ConsumerId next_consumer_ = 1;
  std::size_t out_ = 0;
  // What Take gives, besides what is found in open_.
  std::set<std::uint64_t> changed_;
  std::vector<std::uint64_t> settled_;
  std::vector<std::uint64_t> unparked_;
  std::vector<Parking> parked_;
  bool settled_any_ = false;
};

}  // namespace tuco::stream

#endif  // TUCO_SERVER_STREAM_SHARED_QUEUE_H_

// A SharedQueue, a simple model of it, and a random history of both: whatever
// is done to the queue is done to the model, what it answers is compared, and
// so is what it makes durable.
//
//   events come, some of which do not match; some share an ordering key
//   consumers join, take what is ready, say anything of anything, leave or die
//   time passes
//   what changed is made durable, or is not; the server dies and begins again
//   parked events are replayed; the subscription is moved, or looks again

#ifndef TUCO_TESTS_SERVER_STREAM_SHARED_HISTORY_H_
#define TUCO_TESTS_SERVER_STREAM_SHARED_HISTORY_H_

#include <cstdint>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "server/stream/shared_queue.h"

namespace tuco::stream {

// One thread at a time. The same seed does the same again.
class SharedHistory {
 public:
  explicit SharedHistory(std::uint64_t seed);

  // Does so many random things, then lets every event be settled. Says in words
  // what the queue did wrong, nothing when all is right.
  std::string Run(std::uint64_t operations);

  // What was done, by its name.
  const std::map<std::string, std::uint64_t>& counts() const { return counts_; }

  // From now on an ack is answered but forgotten, so that a test can see that
  // a history notices.
  void LoseAcks() { lose_acks_ = true; }

 private:
  enum class Place : std::uint8_t { kOpen, kOut, kWaiting, kSettled, kParked };
  // What the model knows of an event.
  struct Event {
    std::string key;
    bool matches = true;
    Place place = Place::kOpen;
    bool replayed = false;  // Open again, from its parked copy.
    std::uint32_t deliveries = 0;
    bool deliveries_known = true;  // Not after a crash, until it is delivered.
    Instant due{0};
    ConsumerId consumer = 0;
    bool failed_here = false;  // Since the queue began.
  };
  // What the log has.
  struct Durable {
    std::uint64_t through = 0;
    std::map<std::uint64_t, History> unsettled;
    std::map<std::uint64_t, std::optional<std::uint32_t>> parked;  // Replayed.
  };
  using Events = std::map<std::uint64_t, Event>;

  void Step();
  void Append();
  void Scan();
  void Deliver(ConsumerId consumer);
  void Judge();
  void Pass(Instant time);
  void Join();
  void Leave();
  void Keep();
  void Crash();
  void Replay();
  void Seek();
  void Rewind();
  void Drain();

  Outcome Expect(std::uint64_t sequence, ConsumerId consumer,
                 const Verdict& verdict);
  void ApplyVerdict(Event& event, const Verdict& verdict);
  void Fail(Event& event, Instant retry_at);
  void Park(Event& event);
  Instant Backoff(std::uint32_t deliveries) const;
  // Whether the model would let the event go now, or where it cannot tell,
  // whether the queue may.
  bool MayGo(std::uint64_t sequence, bool surely) const;
  void CheckReady();
  void CheckDurable();
  void Begin();

  std::uint64_t Some(std::uint64_t below) {
    return std::uniform_int_distribution<std::uint64_t>(0, below - 1)(random_);
  }
  std::optional<ConsumerId> SomeConsumer();
  void Count(const char* what) { ++counts_[what]; }
  void Wrong(std::string what);

  std::mt19937_64 random_;
  SubscriptionSettings settings_;
  Instant now_;
  std::optional<SharedQueue> queue_;
  Events events_;
  Events kept_;  // As they were when they were made durable last.
  Durable durable_;
  std::uint64_t head_ = 0;
  std::uint64_t looked_through_ = 0;  // What any queue had looked at.
  std::uint64_t moved_through_ = 0;
  std::map<ConsumerId, ConsumerOptions> consumers_;
  bool lose_acks_ = false;
  std::map<std::string, std::uint64_t> counts_;
  std::string wrong_;
};

}  // namespace tuco::stream

#endif  // TUCO_TESTS_SERVER_STREAM_SHARED_HISTORY_H_

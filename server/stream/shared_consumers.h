// Who is connected to a SHARED subscription, and what each is to be sent.

#ifndef TUCO_SERVER_STREAM_SHARED_CONSUMERS_H_
#define TUCO_SERVER_STREAM_SHARED_CONSUMERS_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "server/stream/consumer.h"
#include "server/stream/shared_queue.h"
#include "server/stream/shared_source.h"

namespace tuco::stream {

// One of them.
struct SharedConsumer {
  ConsumerOptions options;
  Consumer::Done next;               // Null unless a Next is outstanding.
  absl::AnyInvocable<void()> taken;  // Likewise, of Judge.
  std::string frame;                 // Results and deliveries to be sent.
  std::deque<Missing> missing;       // One goes with each frame.
  std::size_t undurable = 0;         // Verdicts whose results wait.
  bool ending = false;               // No more verdicts will come.
  Instant answered_at{0};
};

// One thread at a time.
class SharedConsumers {
 public:
  using Map = std::map<ConsumerId, SharedConsumer>;

  void Add(ConsumerId id, const ConsumerOptions& options, Instant now);
  // Null: it is not there any more.
  SharedConsumer* Find(ConsumerId id);
  // Takes it away and answers it with `why`, now or when it asks.
  void Remove(ConsumerId id, const absl::Status& why);
  // Why it was taken away.
  absl::Status EndOf(ConsumerId id) const;
  // It will not ask any more.
  void Forget(ConsumerId id) { ended_.erase(id); }

  std::size_t size() const { return consumers_.size(); }
  // Those that could be sent something, in the order of their turns.
  std::vector<ConsumerId> Waiting() const;
  // Whether one of them wants bodies.
  bool want_bodies() const;
  std::vector<ConsumerId> Ids() const;
  // The next turn begins behind it.
  void Served(ConsumerId id) { served_ = id; }

  // What became of a verdict: sent now, or once the next change is durable.
  void AddResult(ConsumerId id, std::uint64_t sequence, Outcome outcome,
                 bool durable);
  // Whether some results wait for the next change.
  bool collecting() const { return !collected_.empty(); }
  // The change that these results wait for is on its way, and is durable.
  void BeginChange();
  void EndChange();

  // Tells those that wait for it that more verdicts may come.
  void TakeMore();
  enum class Said : std::uint8_t { kNothing, kFrame, kEnd };
  // Answers with the consumer's frame or its end, as far as there is something
  // to say.
  static Said Answer(SharedConsumer& consumer, Instant now);

 private:
  struct Result {
    ConsumerId consumer = 0;
    std::uint64_t sequence = 0;
    Outcome outcome = Outcome::kApplied;
  };

  Map consumers_;
  std::map<ConsumerId, absl::Status> ended_;
  ConsumerId served_ = 0;
  std::vector<Result> collected_;
  std::vector<Result> changing_;
};

}  // namespace tuco::stream

#endif  // TUCO_SERVER_STREAM_SHARED_CONSUMERS_H_

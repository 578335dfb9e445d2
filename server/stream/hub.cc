#include "server/stream/hub.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <variant>
#include <vector>

#include "proto/status_details.h"
#include "server/base/status_macros.h"
#include "server/stream/resolve_position.h"
#include "server/stream/stream_state.h"
#include "server/stream/tail.h"
#include "server/stream/turns.h"
#include "tuco/strings.h"

namespace tuco::stream {
namespace {

absl::Status OutOfBounds(const char* field, std::size_t max,
                         std::size_t found) {
  return proto::FieldViolation(
      field, Concat({"expected 1 to ", std::to_string(max), ", found ",
                     std::to_string(found)}));
}

absl::Status CheckLimits(const StreamOptions& options) {
  if (options.batch_events_max < 1 ||
      options.batch_events_max > kBatchEventsMax) {
    return OutOfBounds("max_batch_events", kBatchEventsMax,
                       options.batch_events_max);
  }
  if (options.batch_bytes_max < 1 || options.batch_bytes_max > kBatchBytesMax) {
    return OutOfBounds("max_batch_bytes", kBatchBytesMax,
                       options.batch_bytes_max);
  }
  if (options.batch_delay.count() < 0 || options.batch_delay > kBatchDelayMax) {
    return proto::FieldViolation("max_batch_delay", "expected 0 to 1 second");
  }
  return absl::OkStatus();
}

using Parked = std::pair<SteadyTime, StatePtr>;

class HubImpl final : public Hub {
 public:
  HubImpl(log::EventLog& log, const base::Clock& clock, const Options& options)
      : log_(log),
        tail_(log.bounds().head, options.tail_events_max,
              options.tail_bytes_max),
        turns_(log, clock, tail_, options.heartbeat) {
    for (int i = 0; i < options.reader_threads; ++i) {
      threads_.emplace_back([this] { Work(); });
    }
  }
  ~HubImpl() override { Stop(); }

  absl::StatusOr<std::unique_ptr<Stream>> Open(
      const StreamOptions& options) override;
  void Publish(std::span<const log::RecordPtr> records) override;
  void Stop() override;
  std::size_t streams() const override { return streams_.load(); }

  void Next(const StatePtr& state, Stream::Done done);
  void Cancel(const StatePtr& state);
  void OnClosed() { --streams_; }

 private:
  void Work();
  void QueueDue();
  void TakeTurn(const StatePtr& state, std::unique_lock<std::mutex>& lock);
  void Park(const StatePtr& state, SteadyTime due);
  static void Answer(Stream::Done done, absl::StatusOr<Batch> batch,
                     std::unique_lock<std::mutex>& lock);

  log::EventLog& log_;
  std::atomic<std::size_t> streams_ = 0;
  std::mutex mutex_;
  std::condition_variable work_;
  // All below under mutex_.
  Tail tail_;
  Turns turns_;
  std::deque<StatePtr> queued_;
  std::set<Parked> parked_;  // The one that is due next first.
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

class StreamImpl final : public Stream {
 public:
  StreamImpl(HubImpl& hub, StatePtr state)
      : hub_(hub), state_(std::move(state)) {}
  ~StreamImpl() override {
    hub_.Cancel(state_);
    hub_.OnClosed();
  }
  void Next(Done done) override { hub_.Next(state_, std::move(done)); }
  void Cancel() override { hub_.Cancel(state_); }

 private:
  HubImpl& hub_;
  const StatePtr state_;
};

absl::StatusOr<std::unique_ptr<Stream>> HubImpl::Open(
    const StreamOptions& options) {
  TUCO_RETURN_IF_ERROR(CheckLimits(options));
  TUCO_RETURN_IF_ERROR(CheckEpoch(options.epoch, log_.bounds()));
  auto state = std::make_shared<StreamState>();
  state->options = options;
  state->answered_at = std::chrono::steady_clock::now();
  TUCO_ASSIGN_OR_RETURN(state->position, Resolve(options.position, log_));
  if (options.stop_at_end) state->end = log_.bounds().head;
  ++streams_;
  return std::make_unique<StreamImpl>(*this, std::move(state));
}

void HubImpl::Next(const StatePtr& state, Stream::Done done) {
  std::unique_lock lock(mutex_);
  if (stopping_ || state->cancelled) {
    absl::Status status =
        stopping_ ? absl::UnavailableError("the server is stopping")
                  : absl::CancelledError("the stream was cancelled");
    Answer(std::move(done), std::move(status), lock);
    return;
  }
  state->done = std::move(done);
  queued_.push_back(state);
  work_.notify_one();
}

void HubImpl::Cancel(const StatePtr& state) {
  std::unique_lock lock(mutex_);
  state->cancelled = true;
  parked_.erase({state->due, state});
  if (state->done == nullptr) return;
  Answer(std::exchange(state->done, nullptr),
         absl::CancelledError("the stream was cancelled"), lock);
}

void HubImpl::Publish(std::span<const log::RecordPtr> records) {
  const std::lock_guard lock(mutex_);
  tail_.Add(records);
  for (const Parked& parked : parked_) queued_.push_back(parked.second);
  if (!parked_.empty()) work_.notify_all();
  parked_.clear();
}

void HubImpl::Stop() {
  {
    const std::lock_guard lock(mutex_);
    if (stopping_) return;
    stopping_ = true;
    // One more turn each, in which they learn of it.
    for (const Parked& parked : parked_) queued_.push_back(parked.second);
    parked_.clear();
    work_.notify_all();
  }
  for (std::thread& thread : threads_) thread.join();
}

void HubImpl::Answer(Stream::Done done, absl::StatusOr<Batch> batch,
                     std::unique_lock<std::mutex>& lock) {
  lock.unlock();
  done(std::move(batch));
  lock.lock();
}

void HubImpl::Work() {
  std::unique_lock lock(mutex_);
  while (true) {
    QueueDue();
    // What is queued may have been published a moment ago: it has its turn.
    if (!queued_.empty()) {
      const StatePtr state = std::move(queued_.front());
      queued_.pop_front();
      TakeTurn(state, lock);
    } else if (stopping_) {
      return;
    } else if (parked_.empty()) {
      work_.wait(lock);
    } else {
      work_.wait_until(lock, SteadyTime(parked_.begin()->first));
    }
  }
}

void HubImpl::QueueDue() {
  const SteadyTime now = std::chrono::steady_clock::now();
  while (!parked_.empty() && parked_.begin()->first <= now) {
    queued_.push_back(parked_.begin()->second);
    parked_.erase(parked_.begin());
  }
}

void HubImpl::TakeTurn(const StatePtr& state,
                       std::unique_lock<std::mutex>& lock) {
  // Answered by Cancel while it was queued.
  if (state->done == nullptr) return;
  Turn turn = turns_.Take(*state, stopping_, lock);
  // Answered by Cancel during the turn, outside the lock.
  if (state->done == nullptr) return;
  if (turn.answer.has_value()) {
    state->answered_at = std::chrono::steady_clock::now();
    Answer(std::exchange(state->done, nullptr), *std::move(turn.answer), lock);
    return;
  }
  // Published during the turn: a live stream gets it even now.
  const bool missed = turn.park && turn.seen < tail_.head();
  if (stopping_ && !(missed && state->live)) {
    Answer(std::exchange(state->done, nullptr),
           absl::UnavailableError("the server is stopping"), lock);
  } else if (turn.park && !missed) {
    Park(state, turn.due);
  } else {
    queued_.push_back(state);
    work_.notify_one();
  }
}

void HubImpl::Park(const StatePtr& state, SteadyTime due) {
  state->due = due;
  const auto place = parked_.emplace(due, state).first;
  // Every thread that waits may wait for one that is due later.
  if (place == parked_.begin()) work_.notify_one();
}

}  // namespace

std::unique_ptr<Hub> Hub::Start(log::EventLog& log, const base::Clock& clock,
                                const Options& options) {
  return std::make_unique<HubImpl>(log, clock, options);
}

}  // namespace tuco::stream

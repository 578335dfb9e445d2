#include "server/stream/hub.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <variant>
#include <vector>

#include "proto/status_details.h"
#include "proto/stream_frame.h"
#include "server/base/status_macros.h"
#include "server/stream/frame_maker.h"
#include "server/stream/tail.h"
#include "tuco/strings.h"

namespace tuco::stream {
namespace {

// Rows that one turn of a stream looks at before the next stream has its turn.
constexpr std::size_t kScanRowsPerTurn = 20'000;

// One stream, shared by its reader and the hub's threads. Whoever takes `done`
// out, under the hub's lock, answers it.
struct State {
  StreamOptions options;
  std::uint64_t position = 0;        // Everything up to here is done.
  std::optional<std::uint64_t> end;  // With stop_at_end.
  bool live = false;                 // CAUGHT_UP was sent.
  bool cancelled = false;
  Stream::Done done;  // Null unless a Next is outstanding.
};
using StatePtr = std::shared_ptr<State>;

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
  return absl::OkStatus();
}

absl::Status CheckPosition(std::uint64_t after, const log::Bounds& bounds) {
  if (after <= bounds.head && after + 1 >= bounds.first) {
    return absl::OkStatus();
  }
  const std::string first = std::to_string(bounds.first);
  const std::string head = std::to_string(bounds.head);
  absl::Status status = absl::OutOfRangeError(Concat(
      {"after_sequence ", std::to_string(after), " is ",
       after > bounds.head ? "past the head" : "below the oldest event kept",
       ": the log holds ", first, " to ", head}));
  proto::AddErrorInfo("POSITION_OUT_OF_RANGE",
                      {{"earliest", first}, {"head", head}}, status);
  return status;
}

class HubImpl final : public Hub {
 public:
  HubImpl(log::EventLog& log, const Options& options)
      : log_(log),
        tail_(log.bounds().head, options.tail_events_max,
              options.tail_bytes_max) {
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
  // What a turn of a stream gave.
  struct Turn {
    std::optional<absl::StatusOr<Batch>> answer;
    bool park = false;
  };

  absl::StatusOr<std::uint64_t> Resolve(const Position& position) const;
  void Work();
  void TakeTurn(const StatePtr& state, std::unique_lock<std::mutex>& lock);
  Turn TurnAtPosition(State& state, std::unique_lock<std::mutex>& lock);
  const log::Gap* GapBehind(std::uint64_t position) const;
  Turn TurnOverGap(State& state, const log::Gap& gap, proto::GapReason reason);
  Turn TurnFromTail(State& state, std::unique_lock<std::mutex>& lock);
  Turn TurnFromDisk(State& state, std::unique_lock<std::mutex>& lock);
  Turn Finish(State& state, std::string frame, std::uint64_t scanned_through);
  static void Answer(Stream::Done done, absl::StatusOr<Batch> batch,
                     std::unique_lock<std::mutex>& lock);

  log::EventLog& log_;
  std::atomic<std::size_t> streams_ = 0;
  std::mutex mutex_;
  std::condition_variable work_;
  // All below under mutex_.
  Tail tail_;
  std::deque<StatePtr> queued_;
  std::vector<StatePtr> parked_;
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

absl::StatusOr<std::uint64_t> HubImpl::Resolve(const Position& position) const {
  const log::Bounds bounds = log_.bounds();
  if (const auto* after = std::get_if<AfterSequence>(&position)) {
    TUCO_RETURN_IF_ERROR(CheckPosition(after->sequence, bounds));
    return after->sequence;
  }
  if (std::holds_alternative<Latest>(position)) return bounds.head;
  if (const auto* from = std::get_if<FromTime>(&position)) {
    TUCO_ASSIGN_OR_RETURN(const std::uint64_t first,
                          log_.FirstRecordedAt(from->time));
    return first - 1;
  }
  return bounds.first - 1;
}

absl::StatusOr<std::unique_ptr<Stream>> HubImpl::Open(
    const StreamOptions& options) {
  TUCO_RETURN_IF_ERROR(CheckLimits(options));
  auto state = std::make_shared<State>();
  state->options = options;
  TUCO_ASSIGN_OR_RETURN(state->position, Resolve(options.position));
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
  std::erase(parked_, state);
  if (state->done == nullptr) return;
  Answer(std::exchange(state->done, nullptr),
         absl::CancelledError("the stream was cancelled"), lock);
}

void HubImpl::Publish(std::span<const log::RecordPtr> records) {
  const std::lock_guard lock(mutex_);
  tail_.Add(records);
  queued_.insert(queued_.end(), parked_.begin(), parked_.end());
  if (!parked_.empty()) work_.notify_all();
  parked_.clear();
}

void HubImpl::Stop() {
  std::vector<StatePtr> open;
  {
    const std::lock_guard lock(mutex_);
    if (stopping_) return;
    stopping_ = true;
    open = std::move(parked_);
    work_.notify_all();
  }
  for (std::thread& thread : threads_) thread.join();
  for (const StatePtr& state : open) {
    std::unique_lock lock(mutex_);
    if (state->done == nullptr) continue;
    Answer(std::exchange(state->done, nullptr),
           absl::UnavailableError("the server is stopping"), lock);
  }
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
    work_.wait(lock, [this] { return stopping_ || !queued_.empty(); });
    // What is queued may have been published a moment ago: it has its turn.
    if (queued_.empty()) return;
    const StatePtr state = std::move(queued_.front());
    queued_.pop_front();
    TakeTurn(state, lock);
  }
}

void HubImpl::TakeTurn(const StatePtr& state,
                       std::unique_lock<std::mutex>& lock) {
  // Answered by Cancel while it was queued.
  if (state->done == nullptr) return;
  Turn turn = TurnAtPosition(*state, lock);
  // Answered by Cancel during the turn, outside the lock.
  if (state->done == nullptr) return;
  if (turn.answer.has_value()) {
    Answer(std::exchange(state->done, nullptr), *std::move(turn.answer), lock);
  } else if (stopping_) {
    Answer(std::exchange(state->done, nullptr),
           absl::UnavailableError("the server is stopping"), lock);
  } else if (turn.park && state->position >= tail_.head()) {
    parked_.push_back(state);
  } else {
    queued_.push_back(state);
    work_.notify_one();
  }
}

HubImpl::Turn HubImpl::TurnAtPosition(State& state,
                                      std::unique_lock<std::mutex>& lock) {
  if (const log::Gap* const gap = GapBehind(state.position)) {
    return TurnOverGap(state, *gap, proto::GapReason::kLost);
  }
  if (tail_.Covers(state.position)) return TurnFromTail(state, lock);
  const std::uint64_t first = log_.bounds().first;
  if (state.position + 1 < first) {
    return TurnOverGap(state, {.from = state.position + 1, .to = first - 1},
                       proto::GapReason::kRemoved);
  }
  return TurnFromDisk(state, lock);
}

// The gap that begins, or goes on, behind `position`.
const log::Gap* HubImpl::GapBehind(std::uint64_t position) const {
  for (const log::Gap& gap : log_.gaps()) {
    if (gap.from <= position + 1 && position < gap.to) return &gap;
  }
  return nullptr;
}

HubImpl::Turn HubImpl::TurnOverGap(State& state, const log::Gap& gap,
                                   proto::GapReason reason) {
  std::string frame;
  proto::AppendGap(state.position + 1, gap.to, reason, frame);
  proto::AppendScannedThrough(gap.to, frame);
  state.position = gap.to;
  const bool end = state.end.has_value() && gap.to >= *state.end;
  return {.answer = Batch{std::move(frame), end}};
}

HubImpl::Turn HubImpl::TurnFromTail(State& state,
                                    std::unique_lock<std::mutex>& lock) {
  const Tail::Portion portion =
      tail_.Take(state.position, state.options.filter,
                 state.options.batch_events_max, state.options.batch_bytes_max);
  lock.unlock();
  std::string frame;
  for (const log::RecordPtr& record : portion.records) {
    if (state.end.has_value() && record->sequence > *state.end) break;
    AppendRecord(log::ColumnsOf(*record), state.options.include_body, frame);
  }
  lock.lock();
  return Finish(state, std::move(frame), portion.scanned_through);
}

HubImpl::Turn HubImpl::TurnFromDisk(State& state,
                                    std::unique_lock<std::mutex>& lock) {
  state.live = false;
  log::ReadRequest request;
  request.after = state.position;
  request.events_max = state.options.batch_events_max;
  request.bytes_max = state.options.batch_bytes_max;
  request.scan_max = kScanRowsPerTurn;
  request.bodies = state.options.include_body;
  std::string frame;
  lock.unlock();
  const absl::StatusOr<std::uint64_t> scanned = log_.Read(
      request, state.options.filter, [&](const RecordColumns& columns) {
        if (state.end.has_value() && columns.sequence > *state.end) return;
        AppendRecord(columns, state.options.include_body, frame);
      });
  lock.lock();
  // Overtaken by retention just now: the next turn tells so.
  if (absl::IsOutOfRange(scanned.status())) return {};
  if (!scanned.ok()) return {.answer = scanned.status()};
  return Finish(state, std::move(frame), *scanned);
}

// Closes the frame, and tells whether there is something to send.
HubImpl::Turn HubImpl::Finish(State& state, std::string frame,
                              std::uint64_t scanned_through) {
  const bool end = state.end.has_value() && scanned_through >= *state.end;
  if (end) scanned_through = std::max(state.position, *state.end);
  const bool caught_up = !end && !state.live && scanned_through >= tail_.head();
  state.position = scanned_through;
  if (frame.empty() && !caught_up && !end) return {.park = true};
  if (caught_up) {
    state.live = true;
    proto::AppendCaughtUp(scanned_through, frame);
  }
  proto::AppendScannedThrough(scanned_through, frame);
  return {.answer = Batch{std::move(frame), end}};
}

}  // namespace

std::unique_ptr<Hub> Hub::Start(log::EventLog& log, const Options& options) {
  return std::make_unique<HubImpl>(log, options);
}

}  // namespace tuco::stream

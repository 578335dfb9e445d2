#include "server/stream/turns.h"

#include <algorithm>
#include <cstddef>
#include <memory>
#include <utility>

#include "server/stream/frame_maker.h"
#include "server/stream/records_between.h"

namespace tuco::stream {
namespace {

// Rows that one turn of a stream looks at before the next stream has its turn.
constexpr std::size_t kScanRowsPerTurn = 20'000;

// `state` as the batch leaves it.
Batch MakeBatch(const StreamState& state, std::string frame, bool end = false) {
  return {.frame = std::make_shared<const std::string>(std::move(frame)),
          .end = end,
          .scanned_through = state.position,
          .behind = !state.live && !end};
}

}  // namespace

Turn Turns::Take(StreamState& state, bool hurry, Lock& lock) {
  Turn turn = TakeAtPosition(state, hurry, lock);
  if (turn.answer.has_value() || state.done == nullptr) return turn;
  const bool silent =
      std::chrono::steady_clock::now() - state.answered_at >= heartbeat_;
  return silent && !hurry ? Heartbeat(state, lock) : turn;
}

Turn Turns::TakeAtPosition(StreamState& state, bool hurry, Lock& lock) {
  if (const log::Gap* const gap = GapBehind(state.position)) {
    return OverGap(state, *gap, proto::GapReason::kLost);
  }
  if (tail_.Covers(state.position)) return FromTail(state, hurry, lock);
  const std::uint64_t first = log_.bounds().first;
  if (state.position + 1 < first) {
    return OverGap(state, {.from = state.position + 1, .to = first - 1},
                   proto::GapReason::kRemoved);
  }
  return state.live ? FellBehind(state) : FromDisk(state, lock);
}

// The gap that begins, or goes on, behind `position`.
const log::Gap* Turns::GapBehind(std::uint64_t position) const {
  for (const log::Gap& gap : log_.gaps()) {
    if (gap.from <= position + 1 && position < gap.to) return &gap;
  }
  return nullptr;
}

Turn Turns::OverGap(StreamState& state, const log::Gap& gap,
                    proto::GapReason reason) {
  std::string frame;
  proto::AppendGap(state.position + 1, gap.to, reason, frame);
  proto::AppendScannedThrough(gap.to, frame);
  state.position = gap.to;
  const bool end = state.end.has_value() && gap.to >= *state.end;
  return {.answer = MakeBatch(state, std::move(frame), end)};
}

Turn Turns::FromTail(StreamState& state, bool hurry, Lock& lock) {
  if (!state.end.has_value()) {
    if (const auto entry = cache_.Find(state.position, state.options)) {
      state.waits_since.reset();
      return FinishShared(state, *entry);
    }
  }
  const Tail::Portion portion =
      tail_.Take(state.position, state.options.filter,
                 state.options.batch_events_max, state.options.batch_bytes_max);
  if (!hurry && Waits(state, portion)) return Parked(state, tail_.head());
  state.waits_since.reset();
  const std::uint64_t after = state.position;
  lock.unlock();
  FrameCache::Entry entry = MakeFrame(state, portion);
  lock.lock();
  if (state.end.has_value() || portion.records.empty()) {
    return Finish(state, *entry.frame, portion.scanned_through);
  }
  Turn turn = FinishShared(state, entry);
  cache_.Add(after, state.options, std::move(entry));
  return turn;
}

bool Turns::Waits(StreamState& state, const Tail::Portion& portion) const {
  if (state.options.batch_delay.count() == 0 || !state.live ||
      state.end.has_value() || portion.full || portion.records.empty()) {
    return false;
  }
  const SteadyTime now = std::chrono::steady_clock::now();
  if (!state.waits_since.has_value()) state.waits_since = now;
  return now < *state.waits_since + state.options.batch_delay;
}

Turn Turns::Parked(const StreamState& state, std::uint64_t seen) const {
  SteadyTime due = state.answered_at + heartbeat_;
  if (state.waits_since.has_value()) {
    due = std::min(due, *state.waits_since + state.options.batch_delay);
  }
  return {.park = true, .seen = seen, .due = due};
}

FrameCache::Entry Turns::MakeFrame(const StreamState& state,
                                   const Tail::Portion& portion) {
  std::string frame;
  for (const log::RecordPtr& record : portion.records) {
    if (state.end.has_value() && record->sequence > *state.end) break;
    AppendRecord(log::ColumnsOf(*record), state.options.include_body, frame);
  }
  // Finish does it for a frame of one stream's own.
  if (!state.end.has_value() && !portion.records.empty()) {
    proto::AppendScannedThrough(portion.scanned_through, frame);
  }
  return {std::make_shared<const std::string>(std::move(frame)),
          portion.scanned_through};
}

Turn Turns::FromDisk(StreamState& state, Lock& lock) {
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

Turn Turns::FellBehind(StreamState& state) {
  state.live = false;
  state.waits_since.reset();
  std::string frame;
  proto::AppendFellBehind(tail_.head(), frame);
  proto::AppendScannedThrough(state.position, frame);
  return {.answer = MakeBatch(state, std::move(frame))};
}

Turn Turns::Heartbeat(const StreamState& state, Lock& lock) {
  proto::Lag lag;
  lag.head_sequence = tail_.head();
  lag.scanned_through = state.position;
  lag.events = RecordsBetween(state.position, lag.head_sequence, log_.gaps());
  if (lag.events != 0) {
    log::ReadRequest request;
    request.after = state.position;
    request.events_max = 1;
    std::chrono::microseconds age{0};
    lock.unlock();
    // What it cannot read, the stream will be told of at its next turn.
    (void)log_.Read(request, {}, [&](const RecordColumns& columns) {
      age = clock_.Now().time_since_epoch() -
            std::chrono::microseconds(columns.recorded_at_us);
    });
    lock.lock();
    lag.seconds = std::max(0.0, std::chrono::duration<double>(age).count());
  }
  std::string frame;
  proto::AppendHeartbeat(lag, frame);
  proto::AppendScannedThrough(lag.scanned_through, frame);
  return {.answer = MakeBatch(state, std::move(frame))};
}

Turn Turns::Finish(StreamState& state, std::string frame,
                   std::uint64_t scanned_through) {
  const bool end = state.end.has_value() && scanned_through >= *state.end;
  if (end) scanned_through = std::max(state.position, *state.end);
  const bool caught_up = !end && !state.live && scanned_through >= tail_.head();
  state.position = scanned_through;
  if (frame.empty() && !caught_up && !end) {
    return Parked(state, state.position);
  }
  if (caught_up) {
    state.live = true;
    proto::AppendCaughtUp(scanned_through, frame);
  }
  proto::AppendScannedThrough(scanned_through, frame);
  return {.answer = MakeBatch(state, std::move(frame), end)};
}

Turn Turns::FinishShared(StreamState& state, const FrameCache::Entry& entry) {
  state.position = entry.scanned_through;
  if (state.live || entry.scanned_through < tail_.head()) {
    return {.answer = Batch{.frame = entry.frame,
                            .scanned_through = entry.scanned_through,
                            .behind = !state.live}};
  }
  state.live = true;
  std::string frame = *entry.frame;
  proto::AppendCaughtUp(entry.scanned_through, frame);
  return {.answer = MakeBatch(state, std::move(frame))};
}

}  // namespace tuco::stream

// What a stream sends next: the records behind its position, from memory or
// from disk, or a notice.
//
//   behind `position`  a gap ──────────────────▶ GAP, and behind it
//                      in memory ──────────────▶ records; at the head:
//                      CAUGHT_UP removed by retention ───▶ GAP on disk
//                      ────────────────▶ FELL_BEHIND if it was live,
//                                                then records
//   nothing to send for a while ───────────────▶ HEARTBEAT

#ifndef TUCO_SERVER_STREAM_TURNS_H_
#define TUCO_SERVER_STREAM_TURNS_H_

#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "proto/stream_frame.h"
#include "server/base/clock.h"
#include "server/log/event_log.h"
#include "server/stream/frame_cache.h"
#include "server/stream/hub.h"
#include "server/stream/stream_state.h"
#include "server/stream/tail.h"

namespace tuco::stream {

// What a turn of a stream gave.
struct Turn {
  // Nothing: it is to have another one.
  std::optional<absl::StatusOr<Batch>> answer;
  // Without an answer: not before something behind `seen` is published, or
  // `due` is reached.
  bool park = false;
  std::uint64_t seen = 0;
  SteadyTime due;
};

// One thread at a time has the hub's lock, and lets go of it while it reads
// from disk or copies.
class Turns {
 public:
  // All of them must outlive it; `tail` is under the hub's lock.
  Turns(log::EventLog& log, const base::Clock& clock, const Tail& tail,
        std::chrono::milliseconds heartbeat)
      : log_(log), clock_(clock), tail_(tail), heartbeat_(heartbeat) {}

  // One turn of a stream, bounded, under `lock`. `hurry`: nothing waits for
  // other records any more.
  Turn Take(StreamState& state, bool hurry, std::unique_lock<std::mutex>& lock);

 private:
  using Lock = std::unique_lock<std::mutex>;

  Turn TakeAtPosition(StreamState& state, bool hurry, Lock& lock);
  const log::Gap* GapBehind(std::uint64_t position) const;
  Turn OverGap(StreamState& state, const log::Gap& gap,
               proto::GapReason reason);
  Turn FromTail(StreamState& state, bool hurry, Lock& lock);
  Turn FromDisk(StreamState& state, Lock& lock);
  // Whether a live stream's portion waits for more records.
  bool Waits(StreamState& state, const Tail::Portion& portion) const;
  Turn Parked(const StreamState& state, std::uint64_t seen) const;
  Turn FellBehind(StreamState& state);
  Turn Heartbeat(const StreamState& state, Lock& lock);
  // The records of a portion from the tail, as a frame.
  static FrameCache::Entry MakeFrame(const StreamState& state,
                                     const Tail::Portion& portion);
  // The turn that sends `frame`, if there is something to send.
  Turn Finish(StreamState& state, std::string frame,
              std::uint64_t scanned_through);
  Turn FinishShared(StreamState& state, const FrameCache::Entry& entry);

  log::EventLog& log_;
  const base::Clock& clock_;
  const Tail& tail_;
  const std::chrono::milliseconds heartbeat_;
  FrameCache cache_;
};

}  // namespace tuco::stream

#endif  // TUCO_SERVER_STREAM_TURNS_H_

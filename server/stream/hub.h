// The stream hub: hands every reader the records behind its position, from
// disk while it is behind and from memory once it has caught up.
//
//                     ┌────────── Next ──────────┐
//                     ▼                          │
//   Open ──▶ [queued] ──▶ a reader thread ──▶ a batch ──▶ done
//               ▲              │ nothing new
//               └── Publish ── [parked]
//                  or due
//
// A stream is pulled: there is no next batch before the reader asks for it,
// so a reader that does not ask costs its own small state and nothing else,
// and one that falls out of memory reads from disk again. All streams share
// the reader threads; each turn of a stream is bounded.

#ifndef TUCO_SERVER_STREAM_HUB_H_
#define TUCO_SERVER_STREAM_HUB_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "server/base/clock.h"
#include "server/log/event_log.h"
#include "server/log/record.h"
#include "server/stream/position.h"

namespace tuco::stream {

// A portion of a stream.
struct Batch {
  // A serialized tuco.events.v1.StreamEventsResponse. Streams that send the
  // same share it.
  std::shared_ptr<const std::string> frame;
  // Whether it is the last one; only with `stop_at_end`.
  bool end = false;
  // What the frame says of how far the stream has got.
  std::uint64_t scanned_through = 0;
  // Whether the stream has yet to catch up, so that the next batch is there for
  // the asking.
  bool behind = false;
};

// One reader's place in the log. Destroying it cancels it.
class Stream {
 public:
  // Called exactly once for each Next, on a thread of the hub or inside
  // Cancel or Hub::Stop. Must not block. Cancelled: by Cancel. Unavailable:
  // the hub stops. Else what the log's Read says.
  using Done = absl::AnyInvocable<void(absl::StatusOr<Batch>)>;

  virtual ~Stream() = default;

  // Asks for the next batch; one call at a time.
  virtual void Next(Done done) = 0;

  // Gives up: an outstanding Next is answered with Cancelled.
  virtual void Cancel() = 0;
};

class Hub {
 public:
  struct Options {
    int reader_threads = 2;
    // What is kept in memory for live streams.
    std::size_t tail_events_max = 16'384;
    std::size_t tail_bytes_max = std::size_t{16} << 20;
    // A stream that had nothing to send for so long says that it is there.
    std::chrono::milliseconds heartbeat{5'000};
  };

  // Starts the reader threads. `log` and `clock` must outlive the hub, and the
  // hub its streams.
  static std::unique_ptr<Hub> Start(log::EventLog& log,
                                    const base::Clock& clock,
                                    const Options& options);

  virtual ~Hub() = default;

  // OutOfRange: the position is past the head or below the oldest record; the
  // message and the details name both ends. FailedPrecondition: the log never
  // had the epoch named. InvalidArgument: a limit out of its range. Safe for
  // concurrent use.
  virtual absl::StatusOr<std::unique_ptr<Stream>> Open(
      const StreamOptions& options) = 0;

  // Tells of records that are durable now, in the order of their sequences.
  // One thread at a time.
  virtual void Publish(std::span<const log::RecordPtr> records) = 0;

  // Answers every outstanding Next, with what there is to send now or else with
  // Unavailable, and ends the threads. A Next that comes later is Unavailable.
  virtual void Stop() = 0;

  // Streams that are open now. Safe for concurrent use.
  virtual std::size_t streams() const = 0;
};

}  // namespace tuco::stream

#endif  // TUCO_SERVER_STREAM_HUB_H_

// One stream, shared by its reader and the hub's threads.

#ifndef TUCO_SERVER_STREAM_STREAM_STATE_H_
#define TUCO_SERVER_STREAM_STREAM_STATE_H_

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>

#include "server/stream/hub.h"
#include "server/stream/position.h"

namespace tuco::stream {

using SteadyTime = std::chrono::steady_clock::time_point;

// Under the hub's lock, but for the options, which never change. Whoever takes
// `done` out answers it.
struct StreamState {
  StreamOptions options;
  std::uint64_t position = 0;        // Everything up to here is done.
  std::optional<std::uint64_t> end;  // With stop_at_end.
  bool live = false;                 // CAUGHT_UP was sent.
  bool cancelled = false;
  Stream::Done done;  // Null unless a Next is outstanding.
  // When the newest batch was handed out, or the stream opened.
  SteadyTime answered_at;
  // Since when the oldest record that is to be sent waits for others, with a
  // batch_delay; what is sent meanwhile, such as a heartbeat, does not end it.
  std::optional<SteadyTime> waits_since;
  // Where a parked stream stands in the hub's order.
  SteadyTime due;
};
using StatePtr = std::shared_ptr<StreamState>;

}  // namespace tuco::stream

#endif  // TUCO_SERVER_STREAM_STREAM_STATE_H_

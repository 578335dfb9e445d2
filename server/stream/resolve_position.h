// Where in a log a position lies.

#ifndef TUCO_SERVER_STREAM_RESOLVE_POSITION_H_
#define TUCO_SERVER_STREAM_RESOLVE_POSITION_H_

#include <cstdint>
#include <optional>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/log/event_log.h"
#include "server/stream/position.h"

namespace tuco::stream {

// The sequence behind which to begin. OutOfRange: `position` is past the head
// or below the oldest record; the message and the details name both ends.
absl::StatusOr<std::uint64_t> Resolve(const Position& position,
                                      log::EventLog& log);

// FailedPrecondition: the log never had this epoch; the details name its
// newest one.
absl::Status CheckEpoch(std::optional<std::uint64_t> epoch,
                        const log::Bounds& bounds);

}  // namespace tuco::stream

#endif  // TUCO_SERVER_STREAM_RESOLVE_POSITION_H_

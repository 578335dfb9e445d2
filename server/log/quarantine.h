// Deliveries that were kept without being taken in, and what became of them.
//
// Two kinds: verified ones, which are genuine but cannot be told from a replay,
// and unverified ones, of which some secret that is configured tomorrow may
// show that they are genuine after all. The log keeps both beside its records
// and looks at neither.

#ifndef TUCO_SERVER_LOG_QUARANTINE_H_
#define TUCO_SERVER_LOG_QUARANTINE_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "tuco/timestamp.h"

namespace tuco::log {

// The numbers stand in the log.
enum class QuarantineState : std::uint8_t {
  kHeld = 1,       // Waits.
  kReleased = 2,   // Was taken in, as the event `sequence`.
  kDuplicate = 3,  // Is a copy of the event `sequence`.
  kPurged = 4,     // Was thrown away by hand.
};

// One delivery. A value.
struct QuarantineEntry {
  std::uint64_t id = 0;  // Given by the log, ascending; never used twice.
  bool verified = false;
  QuarantineState state = QuarantineState::kHeld;
  bool held_back = false;    // By hand: not released by itself.
  std::string endpoint;      // As the delivery named it.
  std::string source;        // Who sent it.
  std::uint32_t reason = 0;  // A number of tuco.events.v1.Reason.
  Timestamp received_at;
  // What was so old that it could not be told from a replay when it arrived.
  std::optional<Timestamp> dedup_horizon;
  std::string headers;  // Of the request: a line `name: value` for each.
  std::uint64_t body_bytes = 0;
  // Nothing where it was left out, or once the entry is settled.
  std::optional<std::string> body;
  std::uint64_t sequence = 0;           // 0: none.
  std::optional<Timestamp> settled_at;  // When it ceased to be held.

  friend bool operator==(const QuarantineEntry&,
                         const QuarantineEntry&) = default;
};

// What becomes of an entry. Its body goes when it is not held any more.
struct QuarantineUpdate {
  std::uint64_t id = 0;
  QuarantineState state = QuarantineState::kHeld;
  bool held_back = false;
  std::uint64_t sequence = 0;
  std::optional<Timestamp> settled_at;
};

// One bounded look at the quarantine.
struct QuarantineRequest {
  std::uint64_t after = 0;  // The id behind which to begin.
  std::size_t entries_max = 256;
  bool bodies = false;
};
using QuarantineVisitor = std::function<void(const QuarantineEntry&)>;

}  // namespace tuco::log

#endif  // TUCO_SERVER_LOG_QUARANTINE_H_

// What a subscriber is told: where to begin, which events, how patient to be.
// And what it tells besides events.
//
// Values: copyable, comparable where that means something.

#ifndef TUCO_SERVER_CLIENT_SUBSCRIBER_OPTIONS_H_
#define TUCO_SERVER_CLIENT_SUBSCRIBER_OPTIONS_H_

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "server/client/credentials.h"
#include "tuco/event_type.h"
#include "tuco/timestamp.h"

namespace tuco::client {

// At the oldest event kept.
struct Earliest {
  friend bool operator==(const Earliest&, const Earliest&) = default;
};

// Behind the newest event: only what comes from now on.
struct Latest {
  friend bool operator==(const Latest&, const Latest&) = default;
};

// Behind the event with this sequence; 0 is the log's very beginning.
struct AfterSequence {
  std::uint64_t sequence = 0;
  // That of the event, if known: a server whose log never had this epoch says
  // so, because it is another log, where the sequence means nothing.
  std::optional<std::uint64_t> epoch;

  friend bool operator==(const AfterSequence&, const AfterSequence&) = default;
};

// At the first event that was recorded at or after this time.
struct FromTime {
  Timestamp time;

  friend bool operator==(const FromTime&, const FromTime&) = default;
};

using Position = std::variant<Earliest, Latest, AfterSequence, FromTime>;

enum class TestEvents : std::uint8_t { kInclude, kExclude, kOnly };

// An event is wanted when it matches every field that is set, and a list when
// it matches one of its entries; `types` and `type_names` are one list. Up to
// 1,000 entries a list.
struct EventFilter {
  std::vector<EventType> types;
  std::vector<std::string> type_names;  // As Tuco sends them.
  std::vector<std::string> endpoints;
  std::vector<std::string> workspaces;
  std::vector<std::string> lines;
  std::vector<std::string> campaigns;
  std::optional<std::string> message_id;
  std::optional<std::string> lead_id;
  std::optional<std::string> phone;
  TestEvents test = TestEvents::kInclude;
  Flags flags;          // All of them must be set.
  Flags without_flags;  // None of these may be set.
};

struct SubscriberOptions {
  // host:port, [v6]:port or unix:PATH.
  std::string address = "127.0.0.1:50051";
  // Of what the client shows and takes; read by Create. Without `tls` there is
  // no encryption.
  CredentialFiles credentials;
  Position position = Latest{};
  EventFilter filter;
  // Whether events have `body` and `signature`.
  bool include_body = false;
  // Whether Run ends once it has seen everything that the log held when the
  // stream was opened, instead of waiting for new events.
  bool stop_at_end = false;
  // How many events, 1 to 4,096, and bytes, 1 to 3 MiB, come in one portion,
  // and how long, 0 to 1 s, a live one waits for others; without, the server's
  // 256 events, 1 MiB and no wait.
  std::optional<std::uint32_t> batch_events_max;
  std::optional<std::uint32_t> batch_bytes_max;
  std::optional<std::chrono::milliseconds> batch_delay;
  // Nothing at all may come for so long, 10 ms to 1 hour: the connection counts
  // as dropped then. A server says every 5 seconds that it is there, so
  // anything below 6 seconds drops connections that are well.
  std::chrono::milliseconds silence_max{15'000};
  // Pauses before the stream is opened again, 1 ms to 10 minutes: up to twice
  // as long each time, from the least again once something came.
  std::chrono::milliseconds pause_min{200};
  std::chrono::milliseconds pause_max{5'000};
  // For how long the server may be away before Run ends with Unavailable or
  // DeadlineExceeded: `silence_max` to 30 days. Without: for ever, and 1 minute
  // with `stop_at_end`.
  std::optional<std::chrono::milliseconds> outage_max;
};

enum class GapReason : std::uint8_t {
  kUnspecified = 0,  // Of a server newer than this.
  kLost = 1,         // The log lost what was there.
  kRemoved = 2,      // Retention removed it before the stream had got there.
};

// Sequences that the stream has passed and that no event has or will have.
struct Gap {
  std::uint64_t from_sequence = 0;
  std::uint64_t to_sequence = 0;
  GapReason reason = GapReason::kUnspecified;

  friend bool operator==(const Gap&, const Gap&) = default;
};

// The stream is live from here on.
struct CaughtUp {
  std::uint64_t head_sequence = 0;

  friend bool operator==(const CaughtUp&, const CaughtUp&) = default;
};

// The stream reads from disk again, for events come faster than they are taken.
struct FellBehind {
  std::uint64_t head_sequence = 0;

  friend bool operator==(const FellBehind&, const FellBehind&) = default;
};

// Nothing has happened for five seconds.
struct Heartbeat {
  std::uint64_t head_sequence = 0;
  std::uint64_t scanned_through = 0;    // Everything up to here was looked at.
  std::uint64_t lag_events = 0;         // Between the two.
  std::chrono::duration<double> lag{};  // The age of the oldest of them.

  friend bool operator==(const Heartbeat&, const Heartbeat&) = default;
};

// The stream dropped and will be opened again, behind what was taken.
struct Reconnecting {
  // OK when the server ended a stream that was to follow, DeadlineExceeded when
  // nothing came for `silence_max`.
  absl::Status cause;
  // Drops in a row, without anything that came between them; from 1.
  int drops = 0;
};

using Notice = std::variant<Gap, CaughtUp, FellBehind, Heartbeat, Reconnecting>;

}  // namespace tuco::client

#endif  // TUCO_SERVER_CLIENT_SUBSCRIBER_OPTIONS_H_

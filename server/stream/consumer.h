// One consumer of a SHARED subscription, as whoever serves its connection sees
// it.
//
//   Next ─▶ a frame (deliveries, results, notices) ─▶ written ─▶ Next ─▶ …
//   Judge ─▶ results in a later frame
//   EndOfVerdicts ─▶ what is outstanding goes back; the last results; end

#ifndef TUCO_SERVER_STREAM_CONSUMER_H_
#define TUCO_SERVER_STREAM_CONSUMER_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "server/log/filter.h"

namespace tuco::stream {

inline constexpr std::size_t kOutstandingEventsDefault = 256;
inline constexpr std::size_t kOutstandingEventsMax = 10'000;
inline constexpr std::size_t kOutstandingBytesDefault = std::size_t{4} << 20;
inline constexpr std::size_t kOutstandingBytesMax = std::size_t{64} << 20;
// Of one call of Judge.
inline constexpr std::size_t kVerdictsMax = 10'000;
inline constexpr std::chrono::seconds kAckDeadlineMax{600};
inline constexpr std::chrono::microseconds kRetryAfterMax{
    std::chrono::hours(1)};

// What a consumer can hold.
struct ConsumerOptions {
  std::size_t events_max = kOutstandingEventsDefault;
  // Of stored events, and of bodies where they are included; a single larger
  // event comes alone.
  std::size_t bytes_max = kOutstandingBytesDefault;
  bool include_body = false;
  // What whoever reads it may see; an event beyond that is not delivered, but
  // ends the consumer with PermissionDenied.
  log::Reach reach;
};

// What a consumer says of an event.
struct Verdict {
  enum class Kind : std::uint8_t { kAck, kRetry, kPark, kSkip, kExtend };

  std::uint64_t sequence = 0;
  Kind kind = Kind::kAck;
  // kRetry: not before so long from now; nothing: the backoff. kExtend: until
  // so long from now; nothing: the ack deadline.
  std::optional<std::chrono::microseconds> after;
};

// The numbers of tuco.events.v1.VerdictOutcome.
enum class Outcome : std::uint8_t {
  kApplied = 1,
  kSettled = 2,
  kHandedOn = 3,
  kNotDelivered = 4,
};

// A portion of what a consumer gets.
struct ConsumerFrame {
  // A serialized tuco.events.v1.ConsumeResponse.
  std::string bytes;
  bool end = false;  // Whether it is the last one.
};

// Destroying it cancels it. Safe for concurrent use, but for what says
// otherwise.
class Consumer {
 public:
  // Called exactly once for each Next, on a thread of the subscriptions or
  // inside Cancel or Stop; must not block. Cancelled: by Cancel. Unavailable:
  // the server stops, or what was judged could not be kept. Aborted: the
  // subscription was deleted. PermissionDenied: the next event, which an
  // earlier filter of the subscription let through, is beyond its reach. Else
  // what the log's Read says. An error is the last answer.
  using Done = absl::AnyInvocable<void(absl::StatusOr<ConsumerFrame>)>;

  virtual ~Consumer() = default;

  // Asks for the next frame; one call at a time. The ack deadlines of what is
  // in it begin with the answer. A heartbeat comes after 5 s with nothing.
  virtual void Next(Done done) = 0;

  // Takes verdicts. `taken` is called once there is room for more, which is
  // when few enough wait to become durable; one call at a time, and not before.
  // Requires at most kVerdictsMax verdicts.
  virtual void Judge(std::vector<Verdict> verdicts,
                     absl::AnyInvocable<void()> taken) = 0;

  // No more verdicts will come: what is outstanding is delivered to others,
  // and the last frame is the one with the last results.
  virtual void EndOfVerdicts() = 0;

  // Gives up: an outstanding Next is answered with Cancelled, and what is
  // outstanding is delivered to others.
  virtual void Cancel() = 0;
};

}  // namespace tuco::stream

#endif  // TUCO_SERVER_STREAM_CONSUMER_H_

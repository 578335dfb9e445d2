// Builds a StreamEventsResponse from the bytes that the log keeps, without
// decoding or serialising an event again.
//
// Protobuf merges what stands twice, and a message's fields may come in any
// order: so what the log holds beside an event is appended behind its bytes,
// inside the same length-delimited element.
//
//   0x0a  length  ┌ event as stored ┐┌ sequence, epoch, recorded_at, … ┐
//
// A ConsumeResponse is built likewise; its gap and heartbeat have the numbers
// that they have in a StreamEventsResponse.
//
// A frame is a plain string; one thread at a time.

#ifndef TUCO_PROTO_STREAM_FRAME_H_
#define TUCO_PROTO_STREAM_FRAME_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "tuco/digest.h"
#include "tuco/timestamp.h"

namespace tuco::proto {

// An event as the log has it.
struct StoredEvent {
  std::string_view event;  // From SerializeForLog.
  std::uint64_t sequence = 0;
  std::uint64_t epoch = 0;
  Timestamp recorded_at;
  // Of an earlier event that this one may repeat; adds the flag as well. 0
  // without one.
  std::uint64_t suspected_duplicate_of = 0;
  // With include_body: the signed bytes and their signature.
  std::optional<std::string_view> body;
  Digest signature{};
};

// Appends `stored` as one element of `StreamEventsResponse.events`.
void AppendEvent(const StoredEvent& stored, std::string& frame);

// Appends `stored` as one element of `ConsumeResponse.deliveries`: the
// `attempt`th delivery of the event, counted from 1.
void AppendDelivery(const StoredEvent& stored, std::uint32_t attempt,
                    std::string& frame);

// Appends one element of `ConsumeResponse.results`; `outcome` is a number of
// tuco.events.v1.VerdictOutcome.
void AppendVerdictResult(std::uint64_t sequence, std::uint32_t outcome,
                         std::string& frame);

// Appends `StreamEventsResponse.scanned_through`.
void AppendScannedThrough(std::uint64_t sequence, std::string& frame);

// The numbers of tuco.events.v1.GapReason.
enum class GapReason : std::uint8_t { kLost = 1, kRemoved = 2 };

// Appends `StreamEventsResponse.gap` or `ConsumeResponse.gap`.
void AppendGap(std::uint64_t from_sequence, std::uint64_t to_sequence,
               GapReason reason, std::string& frame);

// Appends `StreamEventsResponse.caught_up`.
void AppendCaughtUp(std::uint64_t head_sequence, std::string& frame);

// Appends `StreamEventsResponse.fell_behind`.
void AppendFellBehind(std::uint64_t head_sequence, std::string& frame);

// How far a stream is behind the log, as tuco.events.v1.Heartbeat has it.
struct Lag {
  std::uint64_t head_sequence = 0;
  std::uint64_t scanned_through = 0;
  std::uint64_t events = 0;
  double seconds = 0;
};

// Appends `StreamEventsResponse.heartbeat` or `ConsumeResponse.heartbeat`.
void AppendHeartbeat(const Lag& lag, std::string& frame);

}  // namespace tuco::proto

#endif  // TUCO_PROTO_STREAM_FRAME_H_

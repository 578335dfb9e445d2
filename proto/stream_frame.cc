#include "proto/stream_frame.h"

#include <array>
#include <bit>
#include <chrono>
#include <cstddef>
#include <cstring>

#include "tuco/event_type.h"

namespace tuco::proto {
namespace {

// Field numbers of the schema; tests/proto checks them against descriptors.
constexpr int kResponseEvents = 1;
constexpr int kResponseScannedThrough = 2;
constexpr int kResponseCaughtUp = 3;
constexpr int kResponseGap = 4;
constexpr int kResponseHeartbeat = 5;
constexpr int kResponseFellBehind = 6;
constexpr int kCaughtUpHeadSequence = 1;
constexpr int kFellBehindHeadSequence = 1;
constexpr int kHeartbeatHeadSequence = 1;
constexpr int kHeartbeatScannedThrough = 2;
constexpr int kHeartbeatLagEvents = 3;
constexpr int kHeartbeatLagSeconds = 4;
constexpr int kGapFromSequence = 1;
constexpr int kGapToSequence = 2;
constexpr int kGapReason = 3;
constexpr int kEventSequence = 1;
constexpr int kEventEpoch = 2;
constexpr int kEventRecordedAt = 11;
constexpr int kEventFlags = 12;
constexpr int kEventSuspectedDuplicateOf = 17;
constexpr int kEventBody = 24;
constexpr int kEventSignature = 25;
constexpr int kConsumeDeliveries = 1;
constexpr int kConsumeResults = 2;
constexpr int kDeliveryAttempt = 2;
constexpr int kResultSequence = 1;
constexpr int kResultOutcome = 2;
constexpr int kTimestampSeconds = 1;
constexpr int kTimestampNanos = 2;

constexpr std::uint32_t kVarint = 0;
constexpr std::uint32_t kFixed64 = 1;
constexpr std::uint32_t kLengthDelimited = 2;

// Room for the longest run of short fields: five numbers and a time, with
// every varint at its longest.
constexpr std::size_t kFieldsBytesMax = 96;

// Protobuf fields written one after another into a small buffer.
class Fields {
 public:
  void Varint(std::uint64_t value) {
    while (value >= 0x80) {
      bytes_[size_++] = static_cast<char>(value | 0x80);
      value >>= 7;
    }
    bytes_[size_++] = static_cast<char>(value);
  }
  void Number(int field, std::uint64_t value) {
    Tag(field, kVarint);
    Varint(value);
  }
  void Double(int field, double value) {
    Tag(field, kFixed64);
    static_assert(std::endian::native == std::endian::little);
    std::memcpy(bytes_.data() + size_, &value, sizeof(value));
    size_ += sizeof(value);
  }
  // The tag and the length; the bytes themselves follow.
  void Head(int field, std::size_t size) {
    Tag(field, kLengthDelimited);
    Varint(size);
  }
  void Append(const Fields& other) {
    for (const char byte : other.view()) bytes_[size_++] = byte;
  }
  std::string_view view() const { return {bytes_.data(), size_}; }

 private:
  void Tag(int field, std::uint32_t wire_type) {
    Varint(static_cast<std::uint32_t>(field) << 3 | wire_type);
  }

  std::array<char, kFieldsBytesMax> bytes_;
  std::size_t size_ = 0;
};

Fields TimestampFields(Timestamp time) {
  const auto seconds =
      std::chrono::floor<std::chrono::seconds>(time.time_since_epoch());
  const std::chrono::nanoseconds rest = time.time_since_epoch() - seconds;
  Fields fields;
  fields.Number(kTimestampSeconds, static_cast<std::uint64_t>(seconds.count()));
  fields.Number(kTimestampNanos, static_cast<std::uint64_t>(rest.count()));
  return fields;
}

// What the log gave the event.
Fields PositionFields(const StoredEvent& stored) {
  const Fields time = TimestampFields(stored.recorded_at);
  Fields fields;
  fields.Number(kEventSequence, stored.sequence);
  fields.Number(kEventEpoch, stored.epoch);
  fields.Head(kEventRecordedAt, time.view().size());
  fields.Append(time);
  if (stored.suspected_duplicate_of != 0) {
    fields.Number(kEventFlags,
                  static_cast<std::uint64_t>(Flag::kSuspectedDuplicate));
    fields.Number(kEventSuspectedDuplicateOf, stored.suspected_duplicate_of);
  }
  return fields;
}

void AppendNotice(int field, const Fields& notice, std::string& frame) {
  Fields fields;
  fields.Head(field, notice.view().size());
  fields.Append(notice);
  frame.append(fields.view());
}

}  // namespace

void AppendEvent(const StoredEvent& stored, std::string& frame) {
  const Fields position = PositionFields(stored);
  std::size_t size = stored.event.size() + position.view().size();
  Fields body_head;
  Fields signature_head;
  std::string signature;
  if (stored.body.has_value()) {
    signature = ToHex(stored.signature);
    body_head.Head(kEventBody, stored.body->size());
    signature_head.Head(kEventSignature, signature.size());
    size += body_head.view().size() + stored.body->size() +
            signature_head.view().size() + signature.size();
  }
  Fields element;
  element.Head(kResponseEvents, size);
  frame.append(element.view()).append(stored.event).append(position.view());
  if (stored.body.has_value()) {
    frame.append(body_head.view()).append(*stored.body);
    frame.append(signature_head.view()).append(signature);
  }
}

void AppendDelivery(const StoredEvent& stored, std::uint32_t attempt,
                    std::string& frame) {
  // Field 1 of EventDelivery is the event, as it is of a response.
  std::string event;
  AppendEvent(stored, event);
  Fields tail;
  tail.Number(kDeliveryAttempt, attempt);
  Fields element;
  element.Head(kConsumeDeliveries, event.size() + tail.view().size());
  frame.append(element.view()).append(event).append(tail.view());
}

void AppendVerdictResult(std::uint64_t sequence, std::uint32_t outcome,
                         std::string& frame) {
  Fields result;
  result.Number(kResultSequence, sequence);
  result.Number(kResultOutcome, outcome);
  AppendNotice(kConsumeResults, result, frame);
}

void AppendScannedThrough(std::uint64_t sequence, std::string& frame) {
  Fields fields;
  fields.Number(kResponseScannedThrough, sequence);
  frame.append(fields.view());
}

void AppendGap(std::uint64_t from_sequence, std::uint64_t to_sequence,
               GapReason reason, std::string& frame) {
  Fields notice;
  notice.Number(kGapFromSequence, from_sequence);
  notice.Number(kGapToSequence, to_sequence);
  notice.Number(kGapReason, static_cast<std::uint64_t>(reason));
  AppendNotice(kResponseGap, notice, frame);
}

void AppendCaughtUp(std::uint64_t head_sequence, std::string& frame) {
  Fields notice;
  notice.Number(kCaughtUpHeadSequence, head_sequence);
  AppendNotice(kResponseCaughtUp, notice, frame);
}

void AppendFellBehind(std::uint64_t head_sequence, std::string& frame) {
  Fields notice;
  notice.Number(kFellBehindHeadSequence, head_sequence);
  AppendNotice(kResponseFellBehind, notice, frame);
}

void AppendHeartbeat(const Lag& lag, std::string& frame) {
  Fields notice;
  notice.Number(kHeartbeatHeadSequence, lag.head_sequence);
  notice.Number(kHeartbeatScannedThrough, lag.scanned_through);
  notice.Number(kHeartbeatLagEvents, lag.events);
  notice.Double(kHeartbeatLagSeconds, lag.seconds);
  AppendNotice(kResponseHeartbeat, notice, frame);
}

}  // namespace tuco::proto

#include "proto/stream_frame.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <limits>
#include <string>

#include "proto/event_codec.h"
#include "proto/event_writer.h"
#include "tests/proto/full_event.h"
#include "tuco/digest.h"
#include "tuco/events/v1/event_service.pb.h"

namespace tuco::proto {
namespace {

using events::v1::StreamEventsResponse;

StreamEventsResponse Parse(const std::string& frame) {
  StreamEventsResponse response;
  EXPECT_TRUE(response.ParseFromString(frame));
  return response;
}

// FullEvent as a reader of the log gets it.
Event EventFromLog() {
  Event event = FullEvent();
  event.suspected_duplicate_of.reset();
  return event;
}

StoredEvent Stored(const Event& event, const std::string& bytes) {
  StoredEvent stored;
  stored.event = bytes;
  stored.sequence = event.sequence;
  stored.epoch = event.epoch;
  stored.recorded_at = *event.recorded_at;
  return stored;
}

TEST(StreamFrameTest, EventsReadBackAsTheyWereSerialized) {
  Event event = EventFromLog();
  const std::string bytes = SerializeForLog(event);
  StoredEvent stored = Stored(event, bytes);
  stored.body = *event.body;
  stored.signature = DigestFromHex(*event.signature).value();
  std::string frame;
  AppendEvent(stored, frame);
  const StreamEventsResponse response = Parse(frame);
  ASSERT_EQ(response.events_size(), 1);
  EXPECT_EQ(FromProto(response.events(0)), event);
}

TEST(StreamFrameTest, LeavesBodyAndSignatureOutUnlessGiven) {
  Event event = EventFromLog();
  const std::string bytes = SerializeForLog(event);
  std::string frame;
  AppendEvent(Stored(event, bytes), frame);
  event.body.reset();
  event.signature.reset();
  EXPECT_EQ(FromProto(Parse(frame).events(0)), event);
}

TEST(StreamFrameTest, SuspectedDuplicateComesWithItsFlag) {
  Event event = EventFromLog();
  event.flags = {Flag::kLate};
  const std::string bytes = SerializeForLog(event);
  StoredEvent stored = Stored(event, bytes);
  stored.suspected_duplicate_of = 41;
  std::string frame;
  AppendEvent(stored, frame);
  const Event read = FromProto(Parse(frame).events(0));
  EXPECT_EQ(read.suspected_duplicate_of, 41u);
  EXPECT_EQ(read.flags, Flags({Flag::kLate, Flag::kSuspectedDuplicate}));
}

TEST(StreamFrameTest, KeepsAnEmptyBodyApartFromNone) {
  StoredEvent stored;
  stored.body = "";
  std::string frame;
  AppendEvent(stored, frame);
  EXPECT_TRUE(Parse(frame).events(0).has_body());
}

TEST(StreamFrameTest, HoldsNumbersOfAnySize) {
  constexpr auto kMax = std::numeric_limits<std::uint64_t>::max();
  for (const std::uint64_t number :
       {std::uint64_t{0}, std::uint64_t{127}, std::uint64_t{128}, kMax}) {
    StoredEvent stored;
    stored.sequence = number;
    stored.epoch = number;
    // Before 1970, where seconds are negative.
    stored.recorded_at = Timestamp(std::chrono::microseconds(-1));
    std::string frame;
    AppendEvent(stored, frame);
    AppendScannedThrough(number, frame);
    AppendCaughtUp(number, frame);
    const StreamEventsResponse response = Parse(frame);
    EXPECT_EQ(response.events(0).sequence(), number);
    EXPECT_EQ(response.events(0).epoch(), number);
    EXPECT_EQ(response.events(0).recorded_at().seconds(), -1);
    EXPECT_EQ(response.events(0).recorded_at().nanos(), 999'999'000);
    EXPECT_EQ(response.scanned_through(), number);
    EXPECT_EQ(response.caught_up().head_sequence(), number);
  }
}

TEST(StreamFrameTest, TellsOfAGap) {
  for (const auto& [reason, expected] :
       {std::pair(GapReason::kLost, events::v1::GAP_REASON_LOST),
        std::pair(GapReason::kRemoved, events::v1::GAP_REASON_REMOVED)}) {
    std::string frame;
    AppendGap(4, 1'048'575, reason, frame);
    AppendScannedThrough(1'048'575, frame);
    const StreamEventsResponse response = Parse(frame);
    EXPECT_EQ(response.gap().from_sequence(), 4);
    EXPECT_EQ(response.gap().to_sequence(), 1'048'575);
    EXPECT_EQ(response.gap().reason(), expected);
    EXPECT_EQ(response.scanned_through(), 1'048'575);
  }
}

TEST(StreamFrameTest, TellsHowFarAStreamIsBehind) {
  constexpr auto kMax = std::numeric_limits<std::uint64_t>::max();
  std::string frame;
  AppendHeartbeat({.head_sequence = kMax,
                   .scanned_through = kMax - 7,
                   .events = 7,
                   .seconds = 0.125},
                  frame);
  AppendScannedThrough(kMax - 7, frame);
  const StreamEventsResponse response = Parse(frame);
  EXPECT_EQ(response.heartbeat().head_sequence(), kMax);
  EXPECT_EQ(response.heartbeat().scanned_through(), kMax - 7);
  EXPECT_EQ(response.heartbeat().lag_events(), 7);
  EXPECT_EQ(response.heartbeat().lag_seconds(), 0.125);
  EXPECT_EQ(response.scanned_through(), kMax - 7);
  frame.clear();
  AppendFellBehind(9, frame);
  EXPECT_EQ(Parse(frame).fell_behind().head_sequence(), 9);
}

TEST(StreamFrameTest, HoldsSeveralEventsInTheirOrder) {
  std::string frame;
  for (std::uint64_t sequence = 1; sequence <= 3; ++sequence) {
    StoredEvent stored;
    stored.sequence = sequence;
    AppendEvent(stored, frame);
  }
  const StreamEventsResponse response = Parse(frame);
  ASSERT_EQ(response.events_size(), 3);
  EXPECT_EQ(response.events(0).sequence(), 1);
  EXPECT_EQ(response.events(2).sequence(), 3);
}

}  // namespace
}  // namespace tuco::proto

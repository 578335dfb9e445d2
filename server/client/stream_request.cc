#include "server/client/stream_request.h"

#include <google/protobuf/util/time_util.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace tuco::client {
namespace {

namespace pb = events::v1;
using google::protobuf::util::TimeUtil;
using std::chrono::microseconds;

constexpr std::uint32_t kFlagsEnd = 32;

void SetPosition(const Position& position, pb::StreamEventsRequest& request) {
  if (const auto* after = std::get_if<AfterSequence>(&position)) {
    request.set_after_sequence(after->sequence);
    if (after->epoch.has_value()) request.set_epoch(*after->epoch);
  } else if (const auto* from = std::get_if<FromTime>(&position)) {
    *request.mutable_from_time() = TimeUtil::MicrosecondsToTimestamp(
        std::chrono::floor<microseconds>(from->time.time_since_epoch())
            .count());
  } else {
    request.set_anchor(std::holds_alternative<Latest>(position)
                           ? pb::ANCHOR_LATEST
                           : pb::ANCHOR_EARLIEST);
  }
}

void SetList(const std::vector<std::string>& from,
             google::protobuf::RepeatedPtrField<std::string>& list) {
  list.Assign(from.begin(), from.end());
}

void SetFlags(Flags from, google::protobuf::RepeatedField<int>& list) {
  for (std::uint32_t bit = 1; bit < kFlagsEnd; ++bit) {
    if (from.Has(static_cast<Flag>(bit))) list.Add(static_cast<int>(bit));
  }
}

pb::TestFilter TestFilterOf(TestEvents test) {
  switch (test) {
    case TestEvents::kExclude:
      return pb::TEST_FILTER_EXCLUDE;
    case TestEvents::kOnly:
      return pb::TEST_FILTER_ONLY;
    case TestEvents::kInclude:
      break;
  }
  return pb::TEST_FILTER_INCLUDE;
}

void SetFilter(const EventFilter& from, pb::EventFilter& filter) {
  for (const EventType type : from.types) {
    filter.add_types(static_cast<pb::EventType>(type));
  }
  SetList(from.type_names, *filter.mutable_type_names());
  SetList(from.endpoints, *filter.mutable_endpoints());
  SetList(from.workspaces, *filter.mutable_workspaces());
  SetList(from.lines, *filter.mutable_lines());
  SetList(from.campaigns, *filter.mutable_campaigns());
  if (from.message_id.has_value()) filter.set_message_id(*from.message_id);
  if (from.lead_id.has_value()) filter.set_lead_id(*from.lead_id);
  if (from.phone.has_value()) filter.set_phone(*from.phone);
  filter.set_test(TestFilterOf(from.test));
  SetFlags(from.flags, *filter.mutable_flags());
  SetFlags(from.without_flags, *filter.mutable_without_flags());
}

Gap GapOf(const pb::Gap& gap) {
  const bool known = gap.reason() == pb::GAP_REASON_LOST ||
                     gap.reason() == pb::GAP_REASON_REMOVED;
  return {.from_sequence = gap.from_sequence(),
          .to_sequence = gap.to_sequence(),
          .reason = known ? static_cast<GapReason>(gap.reason())
                          : GapReason::kUnspecified};
}

Heartbeat HeartbeatOf(const pb::Heartbeat& heartbeat) {
  return {.head_sequence = heartbeat.head_sequence(),
          .scanned_through = heartbeat.scanned_through(),
          .lag_events = heartbeat.lag_events(),
          .lag = std::chrono::duration<double>(heartbeat.lag_seconds())};
}

}  // namespace

pb::StreamEventsRequest MakeStreamRequest(const SubscriberOptions& options) {
  pb::StreamEventsRequest request;
  SetPosition(options.position, request);
  SetFilter(options.filter, *request.mutable_filter());
  request.set_include_body(options.include_body);
  request.set_stop_at_end(options.stop_at_end);
  if (options.batch_events_max.has_value()) {
    request.set_max_batch_events(*options.batch_events_max);
  }
  if (options.batch_bytes_max.has_value()) {
    request.set_max_batch_bytes(*options.batch_bytes_max);
  }
  if (options.batch_delay.has_value()) {
    *request.mutable_max_batch_delay() =
        TimeUtil::MillisecondsToDuration(options.batch_delay->count());
  }
  return request;
}

Position PositionOf(const pb::StreamEventsRequest& request) {
  if (request.has_after_sequence()) {
    AfterSequence after{.sequence = request.after_sequence()};
    if (request.has_epoch()) after.epoch = request.epoch();
    return after;
  }
  if (request.has_from_time()) {
    return FromTime{Timestamp(
        microseconds(TimeUtil::TimestampToMicroseconds(request.from_time())))};
  }
  if (request.anchor() == pb::ANCHOR_LATEST) return Latest{};
  return Earliest{};
}

std::optional<Notice> NoticeOf(const pb::StreamEventsResponse& response) {
  switch (response.notice_case()) {
    case pb::StreamEventsResponse::kCaughtUp:
      return CaughtUp{response.caught_up().head_sequence()};
    case pb::StreamEventsResponse::kGap:
      return GapOf(response.gap());
    case pb::StreamEventsResponse::kHeartbeat:
      return HeartbeatOf(response.heartbeat());
    case pb::StreamEventsResponse::kFellBehind:
      return FellBehind{response.fell_behind().head_sequence()};
    case pb::StreamEventsResponse::NOTICE_NOT_SET:
      break;
  }
  return std::nullopt;
}

}  // namespace tuco::client

#include "server/cli/tail_options.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <optional>

#include "server/base/status_macros.h"
#include "tuco/event_type.h"
#include "tuco/strings.h"
#include "tuco/timestamp.h"

namespace tuco::cli {
namespace {

namespace pb = events::v1;

absl::Status BadPosition(std::string_view from) {
  return absl::InvalidArgumentError(
      Concat({"--from '", from,
              "': expected earliest, latest, a sequence from 1 or a time such "
              "as 2026-04-15T12:00:00Z"}));
}

bool IsNumber(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return c >= '0' && c <= '9';
  });
}

void SetTime(Timestamp time, google::protobuf::Timestamp& proto) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
  const std::chrono::nanoseconds rest = time - seconds;
  proto.set_seconds(seconds.time_since_epoch().count());
  proto.set_nanos(static_cast<std::int32_t>(rest.count()));
}

pb::TestFilter TestFilterOf(std::string_view test) {
  if (test == "exclude") return pb::TEST_FILTER_EXCLUDE;
  if (test == "only") return pb::TEST_FILTER_ONLY;
  return pb::TEST_FILTER_INCLUDE;
}

// A name that we know stands for its type, since some types have two names.
void AddEventName(const std::string& name, pb::EventFilter& filter) {
  const EventType type = EventTypeFromName(name);
  if (type == EventType::kUnspecified) {
    filter.add_type_names(name);
  } else {
    filter.add_types(static_cast<pb::EventType>(type));
  }
}

void SetFilter(const TailFlags& flags, pb::EventFilter& filter) {
  for (const std::string& name : flags.events) AddEventName(name, filter);
  for (const std::string& id : flags.workspaces) filter.add_workspaces(id);
  for (const std::string& id : flags.lines) filter.add_lines(id);
  for (const std::string& id : flags.campaigns) filter.add_campaigns(id);
  if (!flags.message.empty()) filter.set_message_id(flags.message);
  if (!flags.lead.empty()) filter.set_lead_id(flags.lead);
  if (!flags.phone.empty()) filter.set_phone(flags.phone);
  filter.set_test(TestFilterOf(flags.test));
}

}  // namespace

absl::Status SetPosition(std::string_view from,
                         pb::StreamEventsRequest& request) {
  if (from == "earliest") {
    request.set_anchor(pb::ANCHOR_EARLIEST);
  } else if (from == "latest") {
    request.set_anchor(pb::ANCHOR_LATEST);
  } else if (IsNumber(from)) {
    std::uint64_t sequence = 0;
    const auto [stop, error] =
        std::from_chars(from.data(), from.data() + from.size(), sequence);
    if (error != std::errc() || sequence == 0) return BadPosition(from);
    request.set_after_sequence(sequence - 1);
  } else if (const std::optional<Timestamp> time = ParseTimestamp(from)) {
    SetTime(*time, *request.mutable_from_time());
  } else {
    return BadPosition(from);
  }
  return absl::OkStatus();
}

absl::StatusOr<pb::StreamEventsRequest> MakeTailRequest(
    const TailFlags& flags) {
  pb::StreamEventsRequest request;
  TUCO_RETURN_IF_ERROR(SetPosition(flags.from, request));
  SetFilter(flags, *request.mutable_filter());
  request.set_stop_at_end(flags.no_follow);
  request.set_include_body(flags.output == "raw");
  return request;
}

}  // namespace tuco::cli

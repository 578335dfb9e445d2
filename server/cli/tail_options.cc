#include "server/cli/tail_options.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <optional>

#include "server/base/status_macros.h"
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
  if (flags.subscription.empty()) {
    TUCO_RETURN_IF_ERROR(SetPosition(flags.from, request));
    *request.mutable_filter() = ToEventFilter(flags.filter);
  } else {
    // Which has its own place and filter.
    request.set_subscription(flags.subscription);
  }
  request.set_stop_at_end(flags.no_follow);
  request.set_include_body(flags.output == "raw");
  return request;
}

}  // namespace tuco::cli

#include "server/stream/resolve_position.h"

#include <algorithm>
#include <string>
#include <variant>

#include "proto/status_details.h"
#include "server/base/status_macros.h"
#include "tuco/strings.h"

namespace tuco::stream {
namespace {

absl::Status CheckPosition(std::uint64_t after, const log::Bounds& bounds) {
  if (after <= bounds.head && after + 1 >= bounds.first) {
    return absl::OkStatus();
  }
  const std::string first = std::to_string(bounds.first);
  const std::string head = std::to_string(bounds.head);
  absl::Status status = absl::OutOfRangeError(Concat(
      {"after_sequence ", std::to_string(after), " is ",
       after > bounds.head ? "past the head" : "below the oldest event kept",
       ": the log holds ", first, " to ", head}));
  proto::AddErrorInfo("POSITION_OUT_OF_RANGE",
                      {{"earliest", first}, {"head", head}}, status);
  return status;
}

}  // namespace

absl::StatusOr<std::uint64_t> Resolve(const Position& position,
                                      log::EventLog& log) {
  const log::Bounds bounds = log.bounds();
  if (const auto* after = std::get_if<AfterSequence>(&position)) {
    TUCO_RETURN_IF_ERROR(CheckPosition(after->sequence, bounds));
    return after->sequence;
  }
  if (const auto* resumed = std::get_if<Resumed>(&position)) {
    return std::min(resumed->sequence, bounds.head);
  }
  if (std::holds_alternative<Latest>(position)) return bounds.head;
  if (const auto* from = std::get_if<FromTime>(&position)) {
    TUCO_ASSIGN_OR_RETURN(const std::uint64_t first,
                          log.FirstRecordedAt(from->time));
    return first - 1;
  }
  return bounds.first - 1;
}

absl::Status CheckEpoch(std::optional<std::uint64_t> epoch,
                        const log::Bounds& bounds) {
  if (!epoch.has_value() || (*epoch >= 1 && *epoch <= bounds.epoch)) {
    return absl::OkStatus();
  }
  const std::string newest = std::to_string(bounds.epoch);
  absl::Status status = absl::FailedPreconditionError(Concat(
      {"this log never had epoch ", std::to_string(*epoch),
       ": its newest one is ", newest, "; the position is of another log"}));
  proto::AddErrorInfo("EPOCH_UNKNOWN", {{"epoch", newest}}, status);
  return status;
}

}  // namespace tuco::stream

#include "server/stream/event_finder.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "proto/status_details.h"
#include "server/base/status_macros.h"
#include "server/stream/frame_maker.h"
#include "tuco/strings.h"

namespace tuco::stream {
namespace {

constexpr std::string_view kIdPrefix = "evt_";
// Rows of a search between two looks at whether anybody still waits: some
// milliseconds.
constexpr std::size_t kSearchRows = 16'384;

constexpr std::string_view kNeverThere = "the log never had it";

log::Filter Within(const log::Reach& reach) {
  log::Filter filter;
  filter.reach = reach;
  return filter;
}

absl::Status NotFound(std::string_view what, std::string_view why) {
  return absl::NotFoundError(Concat({what, " is not there: ", why}));
}

absl::Status Removed(std::string_view what, const log::Bounds& bounds) {
  const std::string first = std::to_string(bounds.first);
  const std::string head = std::to_string(bounds.head);
  absl::Status status = absl::OutOfRangeError(
      Concat({what, " is below the oldest event kept: the log holds ", first,
              " to ", head}));
  proto::AddErrorInfo("POSITION_OUT_OF_RANGE",
                      {{"earliest", first}, {"head", head}}, status);
  return status;
}

// The bytes that `id` spells.
absl::StatusOr<std::string> IdBytes(std::string_view id) {
  const bool well_formed =
      id.size() == kIdPrefix.size() + 2 * log::kEventIdBytes &&
      id.starts_with(kIdPrefix) &&
      std::all_of(id.begin() + kIdPrefix.size(), id.end(),
                  [](char c) { return absl::ascii_isxdigit(c); });
  if (!well_formed) {
    return proto::FieldViolation("event_id",
                                 "expected `evt_` and 32 hexadecimal digits");
  }
  return absl::HexStringToBytes(ToAbsl(id.substr(kIdPrefix.size())));
}

bool IsInGap(std::uint64_t sequence, const std::vector<log::Gap>& gaps) {
  return std::any_of(gaps.begin(), gaps.end(), [sequence](const log::Gap& gap) {
    return gap.from <= sequence && sequence <= gap.to;
  });
}

}  // namespace

absl::StatusOr<std::string> EventFinder::BySequence(std::uint64_t sequence,
                                                    bool include_body,
                                                    const log::Reach& reach) {
  if (sequence == 0) {
    return proto::FieldViolation("sequence", "expected 1 or more, found 0");
  }
  const std::string what = Concat({"event ", std::to_string(sequence)});
  const log::Bounds bounds = log_.bounds();
  if (sequence > bounds.head) {
    return NotFound(
        what, Concat({"the newest one is ", std::to_string(bounds.head)}));
  }
  if (IsInGap(sequence, log_.gaps())) {
    return NotFound(what, "it lies in a gap, where the log lost what it had");
  }
  if (sequence < bounds.first) return Removed(what, bounds);
  std::uint64_t scanned = 0;
  absl::StatusOr<std::string> found =
      ReadOne({.after = sequence - 1, .scan_max = 1, .bodies = include_body},
              Within(reach), include_body, scanned);
  // Retention may have been quicker.
  if (absl::IsOutOfRange(found.status())) return Removed(what, log_.bounds());
  if (found.ok() && found->empty() && !reach.IsUnlimited()) {
    return NotFound(what, kNeverThere);
  }
  if (found.ok() && found->empty()) {
    return absl::InternalError(Concat({what, " was not read"}));
  }
  return found;
}

absl::StatusOr<std::string> EventFinder::ById(
    std::string_view id, bool include_body,
    const std::function<bool()>& is_cancelled, const log::Reach& reach) {
  TUCO_ASSIGN_OR_RETURN(const std::string bytes, IdBytes(id));
  std::array<std::uint8_t, log::kEventIdBytes> key;
  std::copy(bytes.begin(), bytes.end(), key.begin());
  TUCO_ASSIGN_OR_RETURN(const std::optional<std::uint64_t> sequence,
                        committer_.FindEvent(key));
  if (sequence.has_value()) {
    if (!reach.IsUnlimited()) {
      return ByKnownId(id, *sequence, include_body, reach);
    }
    if (*sequence < log_.bounds().first) {
      return Removed(Concat({id, ", event ", std::to_string(*sequence), ","}),
                     log_.bounds());
    }
    return BySequence(*sequence, include_body);
  }
  // As long as no key was forgotten, every event's is known.
  if (log_.dedup_horizon() == Timestamp::min()) {
    return NotFound(id, kNeverThere);
  }
  log::Filter filter = Within(reach);
  filter.event_id = bytes;
  return Search(id, filter, include_body, is_cancelled);
}

absl::StatusOr<std::string> EventFinder::ByKnownId(std::string_view id,
                                                   std::uint64_t sequence,
                                                   bool include_body,
                                                   const log::Reach& reach) {
  absl::StatusOr<std::string> found = BySequence(sequence, include_body, reach);
  // Its sequence is not for everybody, nor that it was there.
  if (absl::IsNotFound(found.status()) || absl::IsOutOfRange(found.status())) {
    return NotFound(id, kNeverThere);
  }
  return found;
}

absl::StatusOr<std::string> EventFinder::Search(
    std::string_view id, const log::Filter& filter, bool include_body,
    const std::function<bool()>& is_cancelled) {
  const std::uint64_t head = log_.bounds().head;
  std::uint64_t after = log_.bounds().first - 1;
  while (after < head) {
    if (is_cancelled()) {
      return absl::CancelledError("the client no longer waits for the event");
    }
    std::uint64_t scanned = after;
    const std::lock_guard turn(searching_);
    absl::StatusOr<std::string> found = ReadOne({.after = after,
                                                 .events_max = 1,
                                                 .scan_max = kSearchRows,
                                                 .bodies = include_body},
                                                filter, include_body, scanned);
    if (found.ok() && !found->empty()) return found;
    if (absl::IsOutOfRange(found.status())) {
      after = log_.bounds().first - 1;
      continue;
    }
    TUCO_RETURN_IF_ERROR(found.status());
    if (scanned == after) break;
    after = scanned;
  }
  return NotFound(id, "the log never had it, or it has been removed");
}

absl::StatusOr<std::string> EventFinder::ReadOne(
    const log::ReadRequest& request, const log::Filter& filter,
    bool include_body, std::uint64_t& scanned) {
  // One element of field 1: that is what GetEventResponse has as well.
  std::string response;
  TUCO_ASSIGN_OR_RETURN(
      scanned, log_.Read(request, filter, [&](const RecordColumns& columns) {
        if (response.empty()) AppendRecord(columns, include_body, response);
      }));
  return response;
}

}  // namespace tuco::stream

#include "server/stream/shared_source.h"

#include <algorithm>
#include <chrono>
#include <string_view>
#include <utility>

#include "server/base/status_macros.h"
#include "tuco/record_layout.h"

namespace tuco::stream {
namespace {

constexpr std::size_t kScanEvents = 256;
constexpr std::size_t kScanBytes = std::size_t{1} << 20;
constexpr std::size_t kScanRows = 20'000;
// Kept until it is delivered; what does not fit is read again then.
constexpr std::size_t kKeptBytesMax = std::size_t{8} << 20;

std::size_t BytesOf(const log::ParkedEvent& event) {
  return sizeof(event) + event.event.size() + event.body.size();
}

log::ParkedEvent CopyOf(const RecordColumns& columns, bool bodies) {
  log::ParkedEvent event;
  event.sequence = columns.sequence;
  event.epoch = columns.epoch;
  event.recorded_at =
      Timestamp(std::chrono::microseconds(columns.recorded_at_us));
  event.suspected_duplicate_of = columns.suspected_duplicate_of;
  event.lead_id = columns.lead_id;
  event.phone = columns.phone;
  event.event = columns.event;
  if (bodies) event.body = columns.body;
  std::copy_n(columns.signature.begin(),
              std::min(columns.signature.size(), event.signature.size()),
              event.signature.begin());
  return event;
}

// The gap of the log that begins, or goes on, behind `position`.
std::optional<Missing> LostBehind(std::uint64_t position,
                                  const std::vector<log::Gap>& gaps) {
  for (const log::Gap& gap : gaps) {
    if (gap.from <= position + 1 && position < gap.to) {
      return Missing{.gap = {.from = position + 1, .to = gap.to},
                     .reason = proto::GapReason::kLost};
    }
  }
  return std::nullopt;
}

Scan OverMissing(const Missing& missing) {
  return {.found = {}, .through = missing.gap.to, .missing = missing};
}

}  // namespace

absl::StatusOr<Scan> SharedSource::ScanBehind(
    std::uint64_t after, const SubscriptionSettings& settings, bool bodies) {
  if (const auto lost = LostBehind(after, log_.gaps())) {
    return OverMissing(*lost);
  }
  if (bodies && !kept_bodies_) ForgetAll();
  kept_bodies_ = bodies;
  Scan scan;
  const absl::StatusOr<std::uint64_t> through = log_.Read(
      {.after = after,
       .events_max = kScanEvents,
       .bytes_max = kScanBytes,
       .scan_max = kScanRows,
       .bodies = bodies},
      settings.filter, [&](const RecordColumns& columns) {
        auto event =
            std::make_shared<const log::ParkedEvent>(CopyOf(columns, bodies));
        scan.found.push_back({.sequence = event->sequence,
                              .key = KeyOf(*event, settings.ordering_key)});
        Keep(std::move(event));
      });
  if (absl::IsOutOfRange(through.status())) {
    const std::uint64_t first = log_.bounds().first;
    return OverMissing({.gap = {.from = after + 1, .to = first - 1},
                        .reason = proto::GapReason::kRemoved});
  }
  TUCO_RETURN_IF_ERROR(through.status());
  scan.through = *through;
  return scan;
}

void SharedSource::Keep(Event event) {
  const std::size_t bytes = BytesOf(*event);
  if (kept_bytes_ + bytes > kKeptBytesMax) return;
  kept_bytes_ += bytes;
  kept_[event->sequence] = std::move(event);
}

void SharedSource::Forget(std::uint64_t sequence) {
  const auto kept = kept_.find(sequence);
  if (kept == kept_.end()) return;
  kept_bytes_ -= BytesOf(*kept->second);
  kept_.erase(kept);
}

void SharedSource::ForgetAll() {
  kept_.clear();
  kept_bytes_ = 0;
}

absl::StatusOr<std::optional<SharedSource::Event>> SharedSource::Fetch(
    std::uint64_t sequence, bool copy, bool bodies) {
  if (copy) return FetchCopy(sequence, bodies);
  const auto kept = kept_.find(sequence);
  if (kept != kept_.end() && (kept_bodies_ || !bodies)) {
    return std::optional(kept->second);
  }
  return FetchRecord(sequence, bodies);
}

absl::StatusOr<std::optional<SharedSource::Event>> SharedSource::FetchRecord(
    std::uint64_t sequence, bool bodies) {
  Event found;
  const absl::StatusOr<std::uint64_t> through = log_.Read(
      {.after = sequence - 1, .events_max = 1, .scan_max = 1, .bodies = bodies},
      {}, [&](const RecordColumns& columns) {
        if (columns.sequence != sequence) return;
        found =
            std::make_shared<const log::ParkedEvent>(CopyOf(columns, bodies));
      });
  if (absl::IsOutOfRange(through.status())) return std::optional<Event>();
  TUCO_RETURN_IF_ERROR(through.status());
  return found != nullptr ? std::optional(std::move(found)) : std::nullopt;
}

absl::StatusOr<std::optional<SharedSource::Event>> SharedSource::FetchCopy(
    std::uint64_t sequence, bool bodies) {
  Event found;
  TUCO_RETURN_IF_ERROR(
      log_.ReadParked({.id = id_,
                       .after = sequence - 1,
                       .events_max = 1,
                       .bodies = bodies},
                      [&](const log::ParkedEvent& event) {
                        if (event.sequence != sequence) return;
                        found = std::make_shared<const log::ParkedEvent>(event);
                      })
          .status());
  return found != nullptr ? std::optional(std::move(found)) : std::nullopt;
}

std::string SharedSource::KeyOf(const log::ParkedEvent& event,
                                OrderingKey ordering) {
  switch (ordering) {
    case OrderingKey::kNone:
      break;
    case OrderingKey::kLead:
      return event.lead_id;
    case OrderingKey::kPhone:
      return event.phone;
  }
  return {};
}

proto::StoredEvent ToStored(const log::ParkedEvent& event, bool body) {
  proto::StoredEvent stored;
  stored.event = event.event;
  stored.sequence = event.sequence;
  stored.epoch = event.epoch;
  stored.recorded_at = event.recorded_at;
  stored.suspected_duplicate_of = event.suspected_duplicate_of;
  if (body) {
    stored.body = event.body;
    stored.signature = event.signature;
  }
  return stored;
}

}  // namespace tuco::stream

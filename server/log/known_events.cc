#include "server/log/known_events.h"

#include <algorithm>
#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/base/logging.h"
#include "server/base/status_macros.h"
#include "tuco/timestamp.h"

namespace tuco::log {
namespace {

// The sequence behind which the newest `count` events of a log stand.
std::uint64_t BehindAllBut(std::uint64_t count, const Bounds& bounds,
                           const std::vector<Gap>& gaps) {
  std::uint64_t end = bounds.head;
  for (std::size_t i = gaps.size(); i-- > 0;) {
    const std::uint64_t events = end - gaps[i].to;
    if (events >= count) break;
    count -= events;
    end = gaps[i].from - 1;
  }
  return std::max(bounds.first - 1, end - std::min(count, end));
}

}  // namespace

absl::Status KnownEvents::Load(EventLog& log) {
  const absl::Status keys = LoadKeys(log);
  if (absl::IsDataLoss(keys)) {
    TUCO_RETURN_IF_ERROR(RepairKeys(log, keys));
    TUCO_RETURN_IF_ERROR(LoadKeys(log));
  } else {
    TUCO_RETURN_IF_ERROR(keys);
  }
  const absl::Status status = LoadRepeats(log);
  if (!status.ok()) {
    base::Log(base::Severity::kError,
              "events that repeat some of the newest ones will not be flagged",
              {{"error", absl::StrCat(status.message())}});
  }
  return absl::OkStatus();
}

absl::Status KnownEvents::RepairKeys(EventLog& log, const absl::Status& why) {
  TUCO_ASSIGN_OR_RETURN(repair_, log.RepairKeys());
  base::Log(base::Severity::kError,
            "duplicate keys were damaged or missing: those whose events are "
            "there were made again, and the others are forgotten",
            {{"damage", absl::StrCat(why.message())},
             {"restored", std::to_string(repair_.restored)},
             {"given_up", std::to_string(repair_.given_up)}});
  if (repair_.given_up == 0) return absl::OkStatus();
  base::Log(base::Severity::kError,
            "deliveries that cannot be told from a replay of a forgotten one "
            "are answered 202 and wait in the quarantine: those that were "
            "signed no later than the horizon, or have no timestamp",
            {{"horizon", FormatTimestamp(log.dedup_horizon())}});
  return absl::OkStatus();
}

absl::Status KnownEvents::LoadKeys(EventLog& log) {
  DuplicateIndex::Builder builder;
  TUCO_RETURN_IF_ERROR(log.VisitDuplicateKeys(
      [&builder](const Digest& key, std::uint64_t sequence) {
        builder.Add(key, sequence);
      }));
  DuplicateIndex::Builder::Built built = builder.Build();
  keys_ = std::move(built.index);
  for (const std::uint64_t sequence : built.alike) {
    TUCO_ASSIGN_OR_RETURN(const std::optional<Digest> key, log.KeyOf(sequence));
    if (key && !Find(*key, log)) others_.emplace(*key, sequence);
  }
  return absl::OkStatus();
}

std::optional<std::uint64_t> KnownEvents::Find(const Digest& key,
                                               EventLog& log) const {
  if (const std::optional<std::uint64_t> found = keys_.Find(key)) {
    const absl::StatusOr<std::optional<Digest>> whole = log.KeyOf(*found);
    // Where it cannot be read, what the index compares decides.
    if (!whole.ok() || *whole == key) return found;
  }
  const auto other = others_.find(key);
  if (other == others_.end()) return std::nullopt;
  return other->second;
}

void KnownEvents::Insert(const Record& record) {
  if (!keys_.Insert(record.duplicate_key, record.sequence)) {
    others_.emplace(record.duplicate_key, record.sequence);
  }
  arrivals_.Note(
      record.endpoint, EventTypeFromName(record.type_name),
      {.received_at = record.received_at, .sequence = record.sequence});
}

void KnownEvents::Erase(const Digest& key, std::uint64_t sequence) {
  if (others_.erase(key) == 0) keys_.Erase(key, sequence);
}

absl::Status KnownEvents::LoadRepeats(EventLog& log) {
  const Bounds bounds = log.bounds();
  ReadRequest request{.after = BehindAllBut(repeats_max_, bounds, log.gaps()),
                      .events_max = SIZE_MAX,
                      .bytes_max = SIZE_MAX};
  while (request.after < bounds.head) {
    TUCO_ASSIGN_OR_RETURN(
        const std::uint64_t scanned,
        log.Read(request, {}, [this](const RecordColumns& columns) {
          repeats_.Note(columns.endpoint, columns.message_id, columns.type_name,
                        columns.sequence);
          arrivals_.Note(
              columns.endpoint, EventTypeFromName(columns.type_name),
              {.received_at =
                   Timestamp(std::chrono::microseconds(columns.received_at_us)),
               .sequence = columns.sequence});
        }));
    if (scanned == request.after) break;
    request.after = scanned;
  }
  return absl::OkStatus();
}

void KnownEvents::FlagRepeats(std::span<Record* const> records,
                              std::uint64_t next) {
  for (Record* const record : records) {
    std::string_view message_id;
    if (record->message_id) message_id = *record->message_id;
    const std::optional<std::uint64_t> first =
        repeats_.Note(record->endpoint, message_id, record->type_name, next++);
    if (!first) continue;
    record->suspected_duplicate_of = *first;
    record->flags.Add(Flag::kSuspectedDuplicate);
  }
}

}  // namespace tuco::log

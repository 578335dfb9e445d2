#include "server/log/known_events.h"

#include <algorithm>
#include <string>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "server/base/logging.h"
#include "server/base/status_macros.h"

namespace tuco::log {

absl::Status KnownEvents::Load(EventLog& log) {
  TUCO_RETURN_IF_ERROR(
      log.VisitDuplicateKeys([this](const Digest& key, std::uint64_t sequence) {
        keys_.Insert(key, sequence);
      }));
  const absl::Status status = LoadRepeats(log);
  if (!status.ok()) {
    base::Log(base::Severity::kError,
              "events that repeat some of the newest ones will not be flagged",
              {{"error", absl::StrCat(status.message())}});
  }
  return absl::OkStatus();
}

absl::Status KnownEvents::LoadRepeats(EventLog& log) {
  const Bounds bounds = log.bounds();
  const std::uint64_t newest =
      std::min<std::uint64_t>(bounds.head, repeats_max_);
  ReadRequest request{.after = std::max(bounds.first - 1, bounds.head - newest),
                      .events_max = SIZE_MAX,
                      .bytes_max = SIZE_MAX};
  while (request.after < bounds.head) {
    TUCO_ASSIGN_OR_RETURN(
        const std::uint64_t scanned,
        log.Read(request, {}, [this](const RecordColumns& columns) {
          repeats_.Note(columns.endpoint, columns.message_id, columns.type_name,
                        columns.sequence);
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

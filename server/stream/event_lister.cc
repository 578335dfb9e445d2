#include "server/stream/event_lister.h"

#include <algorithm>

#include "server/base/status_macros.h"
#include "server/stream/frame_maker.h"
#include "server/stream/position.h"
#include "server/stream/resolve_position.h"

namespace tuco::stream {
namespace {

// Rows of one read, which holds one of the log's few readers: milliseconds.
constexpr std::size_t kRowsPerRead = 16'384;
// Rows of one page: some tenths of a second.
constexpr std::size_t kRowsPerPage = 32 * kRowsPerRead;
// A page with as many bytes is read no further: a read has one event at least,
// which may be as large as the rest, and clients take 4 MiB.
constexpr std::size_t kBytesReadOn = kBatchBytesMax / 2;

// The first sequence at or behind `after` that is no gap's.
std::uint64_t SkipGaps(std::uint64_t after, const std::vector<log::Gap>& gaps) {
  for (const log::Gap& gap : gaps) {
    if (gap.from <= after + 1 && after < gap.to) return gap.to;
  }
  return after;
}

}  // namespace

absl::StatusOr<EventPage> ListEvents(
    log::EventLog& log, std::uint64_t after, const log::Filter& filter,
    std::size_t events_max, bool include_bodies,
    const std::function<bool()>& is_cancelled) {
  EventPage page;
  std::size_t found = 0;
  TUCO_ASSIGN_OR_RETURN(page.scanned_through,
                        Resolve(AfterSequence{after}, log));
  for (std::size_t rows = 0; rows < kRowsPerPage && found < events_max &&
                             page.events.size() < kBytesReadOn;
       rows += kRowsPerRead) {
    if (is_cancelled()) return absl::CancelledError("the client has gone");
    page.scanned_through = SkipGaps(page.scanned_through, log.gaps());
    log::ReadRequest request;
    request.after = page.scanned_through;
    request.events_max = events_max - found;
    request.bytes_max = kBatchBytesMax - page.events.size();
    request.scan_max = kRowsPerRead;
    request.bodies = include_bodies;
    absl::StatusOr<std::uint64_t> scanned =
        log.Read(request, filter, [&](const RecordColumns& columns) {
          AppendRecord(columns, include_bodies, page.events);
          ++found;
        });
    // Retention may have been quicker: the other way to the same answer.
    if (absl::IsOutOfRange(scanned.status())) {
      scanned = Resolve(AfterSequence{page.scanned_through}, log);
    }
    TUCO_RETURN_IF_ERROR(scanned.status());
    if (*scanned == page.scanned_through) break;
    page.scanned_through = *scanned;
  }
  page.end = page.scanned_through >= log.bounds().head;
  return page;
}

}  // namespace tuco::stream

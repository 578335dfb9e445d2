// Lists a log's events, page by page.

#ifndef TUCO_SERVER_STREAM_EVENT_LISTER_H_
#define TUCO_SERVER_STREAM_EVENT_LISTER_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

#include "absl/status/statusor.h"
#include "server/log/event_log.h"
#include "server/log/filter.h"

namespace tuco::stream {

// One page of events.
struct EventPage {
  // Elements of field 1, each a serialized tuco.events.v1.Event.
  std::string events;
  // Every matching event up to here was in this page or lies before it.
  std::uint64_t scanned_through = 0;
  bool end = false;  // Whether the newest event is passed.
};

// The matching events behind `after`: up to `events_max` of them, and as many
// as have some 3 MiB together. A page ends as well once much of the log has
// been looked at, so that it never takes long.
//
// OutOfRange: `after` is past the head, or retention has removed what is behind
// it; the details say where both ends are. DataLoss: a record is damaged.
// Cancelled: `is_cancelled`, which is asked now and then, said so. Safe for
// concurrent use.
absl::StatusOr<EventPage> ListEvents(log::EventLog& log, std::uint64_t after,
                                     const log::Filter& filter,
                                     std::size_t events_max,
                                     bool include_bodies,
                                     const std::function<bool()>& is_cancelled);

}  // namespace tuco::stream

#endif  // TUCO_SERVER_STREAM_EVENT_LISTER_H_

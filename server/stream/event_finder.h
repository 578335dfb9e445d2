// Finds one event in the log, by its sequence or by its id.

#ifndef TUCO_SERVER_STREAM_EVENT_FINDER_H_
#define TUCO_SERVER_STREAM_EVENT_FINDER_H_

#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "server/log/committer.h"
#include "server/log/event_log.h"
#include "server/log/filter.h"

namespace tuco::stream {

// Safe for concurrent use.
class EventFinder {
 public:
  // Both must outlive it.
  EventFinder(log::EventLog& log, const log::Committer& committer)
      : log_(log), committer_(committer) {}

  // The event as a serialized tuco.events.v1.GetEventResponse, its body and
  // signature only with `include_body`.
  //
  // NotFound: it was never there, or a gap is where it was. OutOfRange: it is
  // below the oldest event kept; the details say where that and the head are.
  // DataLoss: it is damaged. What is out of `reach` is as if it had never been
  // there.
  absl::StatusOr<std::string> BySequence(std::uint64_t sequence,
                                         bool include_body,
                                         const log::Reach& reach = {});

  // Likewise for `evt_` and 32 hexadecimal digits. InvalidArgument: `id` is
  // something else. Where the log has forgotten duplicate keys, an id that is
  // not known is looked for in all of the log, one such search at a time going
  // on; Cancelled once `is_cancelled` says so, which is asked now and then.
  // Unavailable: the duplicate keys are still being read.
  absl::StatusOr<std::string> ById(std::string_view id, bool include_body,
                                   const std::function<bool()>& is_cancelled,
                                   const log::Reach& reach = {});

 private:
  // The event behind `request.after`, empty if it is not in the portion;
  // `scanned` is how far it was looked for.
  absl::StatusOr<std::string> ReadOne(const log::ReadRequest& request,
                                      const log::Filter& filter,
                                      bool include_body,
                                      std::uint64_t& scanned);
  // The event with `id`, which was given `sequence`.
  absl::StatusOr<std::string> ByKnownId(std::string_view id,
                                        std::uint64_t sequence,
                                        bool include_body,
                                        const log::Reach& reach);
  absl::StatusOr<std::string> Search(std::string_view id,
                                     const log::Filter& filter,
                                     bool include_body,
                                     const std::function<bool()>& is_cancelled);

  log::EventLog& log_;
  const log::Committer& committer_;
  // Held for a portion: the log has few readers, and streams need them too.
  std::mutex searching_;
};

}  // namespace tuco::stream

#endif  // TUCO_SERVER_STREAM_EVENT_FINDER_H_

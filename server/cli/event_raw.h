// An event as the delivery it came from: one line of JSON that
// `verify --input` and `import` read back.
//
// Pure functions, safe for concurrent use.

#ifndef TUCO_SERVER_CLI_EVENT_RAW_H_
#define TUCO_SERVER_CLI_EVENT_RAW_H_

#include <string>

#include "tuco/events/v1/event.pb.h"

namespace tuco::cli {

// One line with its line break:
//
//   {"name":"evt_…","shape":"S1","headers":{"content-type":…,
//    "x-tuco-signature":…,"x-tuco-event":…,"x-tuco-timestamp":…},"body":"…"}
//
// `body` is the signed text, which `event` must hold; signed bytes that are no
// UTF-8 are in `bodyBase64` instead. A shape or header that the event does not
// know is left out.
std::string EventRaw(const events::v1::Event& event);

// The same with what the server knew of the delivery besides, so that `import`
// can tell it again:
//
//   … "endpoint":"tuco","receivedAt":"…","headersDiffered":true}
//
// The last one only where the event is flagged HEADER_MISMATCH: the headers of
// the line are what the body says, not what came.
std::string EventArchiveLine(const events::v1::Event& event);

}  // namespace tuco::cli

#endif  // TUCO_SERVER_CLI_EVENT_RAW_H_

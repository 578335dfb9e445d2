// Quarantined deliveries for people. Anybody may have sent them: whatever came
// from outside is escaped so that it cannot disturb a terminal or pass for a
// line of ours.
//
// Pure functions, safe for concurrent use.

#ifndef TUCO_SERVER_CLI_QUARANTINE_TEXT_H_
#define TUCO_SERVER_CLI_QUARANTINE_TEXT_H_

#include <string>

#include "tuco/events/v1/event_service.pb.h"

namespace tuco::cli {

// The line above those of QuarantineLine, with its line break.
std::string QuarantineHeading();

// One line with its line break: id, state, whether it was verified, when it
// arrived (UTC), why it was not taken in, endpoint, source, bytes of the body.
std::string QuarantineLine(const events::v1::QuarantinedDelivery& delivery);

// All there is to know, several lines: what the line has, what explains that it
// is not genuine, the headers, and the body if it is text.
std::string QuarantineDetails(
    const events::v1::GetQuarantinedResponse& response);

// What became of a delivery when it is no error, one line with its line break:
// `q_7  RELEASED  sequence 42`.
std::string QuarantineResultLine(const events::v1::QuarantineResult& result);

}  // namespace tuco::cli

#endif  // TUCO_SERVER_CLI_QUARANTINE_TEXT_H_

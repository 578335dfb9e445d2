// An event as one line for people.
//
// Pure functions, safe for concurrent use.

#ifndef TUCO_SERVER_CLI_EVENT_TEXT_H_
#define TUCO_SERVER_CLI_EVENT_TEXT_H_

#include <string>

#include "tuco/events/v1/event.pb.h"

namespace tuco::cli {

// One line with its line break: when it was recorded (else when it arrived or
// was fired) in UTC, its sequence, Tuco's name of the event, its flags, the
// contact, our line, the text and what went wrong. Whatever came from outside
// is escaped so that it cannot disturb a terminal.
//
//   2026-04-15T12:00:00.000Z       42  message.reply     +19042956129 Jane
//   Smith  line_001  "STOP"  OPT-OUT
std::string EventText(const events::v1::Event& event, bool colours);

}  // namespace tuco::cli

#endif  // TUCO_SERVER_CLI_EVENT_TEXT_H_

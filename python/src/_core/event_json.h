// An event as protobuf's own printer gives tuco.events.v1.Event in JSON, byte
// for byte, without protobuf.
//
// Pure functions, safe for concurrent use.

#ifndef TUCO_PYTHON_CORE_EVENT_JSON_H_
#define TUCO_PYTHON_CORE_EVENT_JSON_H_

#include <string>

#include "tuco/event.h"

namespace tuco::python {

// Proto3 JSON on one line: lowerCamelCase, 64-bit integers as strings, enums
// by full name, bytes in base64, unset fields left out.
std::string ToJson(const Event& event);

}  // namespace tuco::python

#endif  // TUCO_PYTHON_CORE_EVENT_JSON_H_

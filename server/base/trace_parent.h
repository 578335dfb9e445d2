// Where a request stands in a trace that several services write: the header
// `traceparent` of W3C Trace Context.
//
// Pure, safe for concurrent use.

#ifndef TUCO_SERVER_BASE_TRACE_PARENT_H_
#define TUCO_SERVER_BASE_TRACE_PARENT_H_

#include <optional>
#include <string_view>

namespace tuco::base {

// Views into the header.
struct TraceParent {
  std::string_view trace_id;   // 32 lower-case hexadecimal digits.
  std::string_view parent_id;  // 16: the span that sent the request.
  bool sampled = false;        // Whether the sender records the trace.
};

// Nothing for what is malformed, which the specification asks to ignore. A
// later version is read as far as version 00 goes.
std::optional<TraceParent> ParseTraceParent(std::string_view header);

}  // namespace tuco::base

#endif  // TUCO_SERVER_BASE_TRACE_PARENT_H_

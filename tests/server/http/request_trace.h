// What a request parser makes of some bytes, written down so that two ways of
// feeding it can be compared.

#ifndef TUCO_TESTS_SERVER_HTTP_REQUEST_TRACE_H_
#define TUCO_TESTS_SERVER_HTTP_REQUEST_TRACE_H_

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <functional>
#include <string>
#include <string_view>

#include "server/http/limits.h"
#include "server/http/request_parser.h"

namespace tuco::http {

struct RequestTrace {
  // `POST /a [body] | GET /b [] | 400`, or `…more` for an unfinished request.
  std::string verdict;
  // Everything that a handler can see, heads before their bodies.
  std::string everything;
  int requests = 0;
  bool requests_after_refusal = false;
};

namespace internal {

inline void Append(std::string& out, std::string_view separator,
                   std::string_view text) {
  if (!out.empty()) out += separator;
  out += text;
}

inline void NoteHead(const RequestParser& parser, RequestTrace& trace) {
  const RequestHead& head = parser.head();
  trace.everything += "\nhead ";
  trace.everything += head.method;
  trace.everything += " '";
  trace.everything += head.path;
  trace.everything += "' '";
  trace.everything += head.query;
  trace.everything += "' ";
  trace.everything += parser.keep_alive() ? "keep" : "close";
  for (const Header& header : head.headers) {
    trace.everything += "\n  ";
    trace.everything += header.name;
    trace.everything += "=<";
    trace.everything += header.value;
    trace.everything += ">";
  }
}

inline void NoteRequest(const RequestParser& parser, RequestTrace& trace) {
  const RequestHead& head = parser.head();
  std::string text(head.method);
  text += ' ';
  text += head.path;
  text += " [";
  text += parser.body();
  text += ']';
  Append(trace.verdict, " | ", text);
  NoteHead(parser, trace);  // Views must still hold at the end.
  trace.everything += "\nrequest ";
  trace.everything += text;
  ++trace.requests;
}

// Every event of what has been committed; whether there may be more.
inline bool Drain(RequestParser& parser, RequestTrace& trace) {
  for (;;) {
    switch (parser.Parse()) {
      case ParseEvent::kNeedMore:
        return true;
      case ParseEvent::kHead:
        NoteHead(parser, trace);
        break;
      case ParseEvent::kRequest:
        NoteRequest(parser, trace);
        parser.Advance();
        break;
      case ParseEvent::kRefused:
        Append(trace.verdict, " | ", std::to_string(parser.refusal().status));
        Append(trace.everything, "\n", std::to_string(parser.refusal().status));
        trace.requests_after_refusal = parser.Parse() != ParseEvent::kRefused;
        return false;
    }
  }
}

}  // namespace internal

// `next_size(rest)` says how many bytes, at least one, the next read returns.
inline RequestTrace Trace(
    std::string_view bytes, const Limits& limits,
    const std::function<std::size_t(std::size_t)>& next_size) {
  RequestParser parser(limits);
  RequestTrace trace;
  while (!bytes.empty()) {
    const auto area = parser.ReadArea();
    const std::size_t size =
        std::min({bytes.size(), area.size(), next_size(bytes.size())});
    std::memcpy(area.data(), bytes.data(), size);
    bytes.remove_prefix(size);
    parser.Commit(size);
    if (!internal::Drain(parser, trace)) return trace;
  }
  if (parser.started()) internal::Append(trace.verdict, " | ", "…more");
  return trace;
}

}  // namespace tuco::http

#endif  // TUCO_TESTS_SERVER_HTTP_REQUEST_TRACE_H_

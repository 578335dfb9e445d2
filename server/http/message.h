// One HTTP request and its response, as a handler sees them.

#ifndef TUCO_SERVER_HTTP_MESSAGE_H_
#define TUCO_SERVER_HTTP_MESSAGE_H_

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tuco::http {

// A header field: the name in lower case, blanks trimmed off the value.
struct Header {
  std::string_view name;
  std::string_view value;
};

// A request whose header block is complete. Views are valid during the call
// that passes it.
struct RequestHead {
  std::string_view method;  // `POST`
  std::string_view path;    // The target up to `?`, not decoded.
  std::string_view query;   // Behind `?`, not decoded.
  std::span<const Header> headers;
  std::string_view source;  // The peer's address without its port.

  // How many fields have this lower-case name.
  std::size_t Count(std::string_view name) const;
  // The first field with this lower-case name.
  std::optional<std::string_view> Find(std::string_view name) const;
};

struct Request {
  const RequestHead& head;
  std::string_view body;
};

// A status, a body, and what the connection adds none of by itself. Date and
// Server are left out; Content-Length and Connection are the connection's.
struct Response {
  int status = 200;
  std::string_view content_type = "application/json";  // Static storage.
  std::string body;
  // Further fields, such as {"Allow", "POST"}; static storage.
  std::vector<Header> headers;
  // Whether the connection ends with this response. Every 4xx ends it.
  bool close = false;
};

// RFC 9457 problem JSON: {"type":"about:blank","title":…,"status":…,
// "detail":…}. The title is the status's reason phrase; `detail` says what was
// found and what was expected.
Response Problem(int status, std::string_view detail);

// The reason phrase of a status code that we send.
std::string_view ReasonPhrase(int status);

}  // namespace tuco::http

#endif  // TUCO_SERVER_HTTP_MESSAGE_H_

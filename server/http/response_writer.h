// The bytes of a response.

#ifndef TUCO_SERVER_HTTP_RESPONSE_WRITER_H_
#define TUCO_SERVER_HTTP_RESPONSE_WRITER_H_

#include <cstdint>
#include <string>

#include "server/http/message.h"

namespace tuco::http {

// What the response says about the connection.
enum class ConnectionField : std::uint8_t {
  kNone,       // HTTP/1.1 stays open without a word.
  kClose,      // `Connection: close`
  kKeepAlive,  // `Connection: keep-alive`, for HTTP/1.0.
};

// Appends status line, header fields and, unless `omit_body` (the answer to
// HEAD), the body to `out`.
void AppendResponse(const Response& response, ConnectionField connection,
                    bool omit_body, std::string& out);

}  // namespace tuco::http

#endif  // TUCO_SERVER_HTTP_RESPONSE_WRITER_H_

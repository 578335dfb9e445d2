// Requests as they are on the wire.

#ifndef TUCO_TESTS_SERVER_HTTP_REQUEST_BYTES_H_
#define TUCO_TESTS_SERVER_HTTP_REQUEST_BYTES_H_

#include <string>

namespace tuco::http {

// `fields` are lines with their ends.
inline std::string Post(const std::string& fields,
                        const std::string& body = "") {
  return "POST /a HTTP/1.1\r\nHost: h\r\n" + fields + "\r\n" + body;
}

inline std::string Chunked(const std::string& body) {
  return Post("Transfer-Encoding: chunked\r\n", body);
}

}  // namespace tuco::http

#endif  // TUCO_TESTS_SERVER_HTTP_REQUEST_BYTES_H_

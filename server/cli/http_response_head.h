// The status line and header block of an HTTP/1.1 response.

#ifndef TUCO_SERVER_CLI_HTTP_RESPONSE_HEAD_H_
#define TUCO_SERVER_CLI_HTTP_RESPONSE_HEAD_H_

#include <cstddef>
#include <optional>
#include <string_view>

#include "absl/status/statusor.h"

namespace tuco::cli {

// What decides how the rest of the connection is read. A value.
struct HttpResponseHead {
  int status = 0;
  std::optional<std::size_t> content_length;  // Absent: chunked, or until end.
  bool close = false;  // The connection ends with this response.
};

// `text` ends before the empty line. DataLoss when it is no HTTP response.
absl::StatusOr<HttpResponseHead> ReadResponseHead(std::string_view text);

}  // namespace tuco::cli

#endif  // TUCO_SERVER_CLI_HTTP_RESPONSE_HEAD_H_

// The URL that deliveries are sent to.

#ifndef TUCO_SERVER_CLI_HTTP_URL_H_
#define TUCO_SERVER_CLI_HTTP_URL_H_

#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace tuco::cli {

// `http://host[:port][/path][?query]`, or https. A value.
struct HttpUrl {
  std::string host;    // Without brackets.
  std::string port;    // In digits.
  std::string target;  // Path and query, from `/`.
  bool tls = false;    // Whether it is https.

  // What the Host header says, and what messages name.
  std::string Authority() const;

  friend bool operator==(const HttpUrl&, const HttpUrl&) = default;
};

// InvalidArgument with what was expected and what was found.
absl::StatusOr<HttpUrl> ParseHttpUrl(std::string_view text);

}  // namespace tuco::cli

#endif  // TUCO_SERVER_CLI_HTTP_URL_H_

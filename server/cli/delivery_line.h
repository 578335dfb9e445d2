// One delivery of an archive: a line of JSON in the form of `tail --output
// raw`.
//
//   {"name"?: "…", "secret"?: "…", "headers": {"X-Tuco-Signature": "…", …},
//    "body": "…" | "bodyBase64": "…",
//    "endpoint"?: "…", "receivedAt"?: "…", "headersDiffered"?: true}
//
// `export` adds the last three. Further members are ignored. Header names are
// in any case; a value is a string, null, or a list of strings for a header
// that came more than once.

#ifndef TUCO_SERVER_CLI_DELIVERY_LINE_H_
#define TUCO_SERVER_CLI_DELIVERY_LINE_H_

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "tuco/timestamp.h"

namespace tuco::cli {

// A value.
struct DeliveryLine {
  std::string name;    // Empty: none.
  std::string secret;  // Empty: none.
  // How often X-Tuco-Signature is there, and its first value.
  std::size_t signatures = 0;
  std::string signature;
  std::optional<std::string> event_header;
  std::optional<std::string> timestamp_header;
  std::string body;
  std::string endpoint;  // Empty: none.
  std::optional<Timestamp> received_at;
  // Whether the headers that came said something else than the body.
  bool headers_differed = false;
};

// InvalidArgument with what is wrong, for anything but such a line; messages
// repeat nothing of it.
absl::StatusOr<DeliveryLine> ParseDeliveryLine(std::string_view line);

}  // namespace tuco::cli

#endif  // TUCO_SERVER_CLI_DELIVERY_LINE_H_

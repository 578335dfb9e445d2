// A delivery: what arrived, before anybody knows whether it is genuine.

#ifndef TUCO_SERVER_RECEIVER_DELIVERY_H_
#define TUCO_SERVER_RECEIVER_DELIVERY_H_

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "tuco/timestamp.h"

namespace tuco::receiver {

// Views into what the transport holds; valid during the call that passes it.
struct Delivery {
  std::string_view body;
  // Who sent it, the peer's address without its port; unsigned.
  std::string_view source;
  // How often X-Tuco-Signature stood in the header block, and its first value.
  std::size_t signatures = 0;
  std::string_view signature;
  // X-Tuco-Event and X-Tuco-Timestamp: unsigned, compared with the body to
  // flag a difference, never acted on.
  std::optional<std::string_view> event_header;
  std::optional<std::string_view> timestamp_header;
  // When it arrived; absent where it is only looked at, not received.
  std::optional<Timestamp> received_at;
  // Yields all headers of the request, a line `name: value` for each, the name
  // in lower case. Asked for only where the delivery is kept; absent where it
  // did not come by HTTP.
  std::function<std::string()> headers{};
};

}  // namespace tuco::receiver

#endif  // TUCO_SERVER_RECEIVER_DELIVERY_H_

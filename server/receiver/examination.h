// Looks at deliveries without taking them in: what VerifyAndParse answers, for
// one delivery and for many.
//
// Pure functions, safe for concurrent use.

#ifndef TUCO_SERVER_RECEIVER_EXAMINATION_H_
#define TUCO_SERVER_RECEIVER_EXAMINATION_H_

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>
#include <variant>
#include <vector>

#include "server/receiver/delivery.h"
#include "server/receiver/endpoints.h"
#include "tuco/event.h"

namespace tuco::receiver {

// A delivery to look at, and the endpoint whose secrets are tried; without
// one every endpoint's are, in their order.
struct Candidate {
  Delivery delivery;
  std::optional<std::string_view> endpoint;
};

// The event in each of `candidates`, or why it is not genuine, in their order.
// No candidate's answer depends on another: they only share the work of one
// endpoint's secrets. A body above `body_bytes_max` is not looked into.
std::vector<std::variant<Event, Reason>> Examine(
    std::span<const Candidate> candidates, const Endpoints& endpoints,
    std::size_t body_bytes_max);

}  // namespace tuco::receiver

#endif  // TUCO_SERVER_RECEIVER_EXAMINATION_H_

// Which event of each endpoint arrived last, and when each type of event did.

#ifndef TUCO_SERVER_LOG_ARRIVALS_H_
#define TUCO_SERVER_LOG_ARRIVALS_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/container/flat_hash_map.h"
#include "tuco/event_type.h"
#include "tuco/timestamp.h"

namespace tuco::log {

// An event of an endpoint. A value.
struct Arrival {
  Timestamp received_at;
  std::uint64_t sequence = 0;

  friend bool operator==(const Arrival&, const Arrival&) = default;
};

// The events of an endpoint. A value.
struct EndpointArrivals {
  Arrival newest;
  // By the number of the EventType; absent: none came.
  std::array<std::optional<Timestamp>, kEventTypes> newest_by_type{};

  friend bool operator==(const EndpointArrivals&,
                         const EndpointArrivals&) = default;
};

// By endpoint.
using ArrivalMap = absl::flat_hash_map<std::string, EndpointArrivals>;

// One thread at a time.
class Arrivals {
 public:
  // What came late into the log may have arrived before what is in it.
  void Note(std::string_view endpoint, EventType type, Arrival arrival);

  const ArrivalMap& newest() const { return newest_; }

 private:
  ArrivalMap newest_;
};

}  // namespace tuco::log

#endif  // TUCO_SERVER_LOG_ARRIVALS_H_

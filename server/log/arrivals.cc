#include "server/log/arrivals.h"

#include "tuco/strings.h"

namespace tuco::log {

void Arrivals::Note(std::string_view endpoint, EventType type,
                    Arrival arrival) {
  auto known = newest_.find(ToAbsl(endpoint));
  if (known == newest_.end()) {
    known =
        newest_.emplace(endpoint, EndpointArrivals{.newest = arrival}).first;
  }
  EndpointArrivals& arrivals = known->second;
  if (arrival.received_at >= arrivals.newest.received_at) {
    arrivals.newest = arrival;
  }
  std::optional<Timestamp>& of_type =
      arrivals.newest_by_type.at(static_cast<std::size_t>(type));
  // An absent one is less than any.
  if (of_type < arrival.received_at) of_type = arrival.received_at;
}

}  // namespace tuco::log

#include "server/log/arrivals.h"

#include "tuco/strings.h"

namespace tuco::log {

void Arrivals::Note(std::string_view endpoint, Arrival arrival) {
  const auto known = newest_.find(ToAbsl(endpoint));
  if (known == newest_.end()) {
    newest_.emplace(endpoint, arrival);
  } else if (arrival.received_at >= known->second.received_at) {
    known->second = arrival;
  }
}

}  // namespace tuco::log

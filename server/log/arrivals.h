// Which event of each endpoint arrived last.

#ifndef TUCO_SERVER_LOG_ARRIVALS_H_
#define TUCO_SERVER_LOG_ARRIVALS_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/container/flat_hash_map.h"
#include "tuco/timestamp.h"

namespace tuco::log {

// An event of an endpoint. A value.
struct Arrival {
  Timestamp received_at;
  std::uint64_t sequence = 0;

  friend bool operator==(const Arrival&, const Arrival&) = default;
};

// By endpoint.
using ArrivalMap = absl::flat_hash_map<std::string, Arrival>;

// One thread at a time.
class Arrivals {
 public:
  // What came late into the log may have arrived before what is in it.
  void Note(std::string_view endpoint, Arrival arrival);

  const ArrivalMap& newest() const { return newest_; }

 private:
  ArrivalMap newest_;
};

}  // namespace tuco::log

#endif  // TUCO_SERVER_LOG_ARRIVALS_H_

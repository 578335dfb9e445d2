// What Tuco sends that this version does not know, as the log remembers it.

#ifndef TUCO_SERVER_LOG_DRIFT_NAME_H_
#define TUCO_SERVER_LOG_DRIFT_NAME_H_

#include <cstddef>
#include <string>

#include "tuco/drift.h"
#include "tuco/timestamp.h"

namespace tuco::log {

// How many names a log remembers in its life.
inline constexpr std::size_t kDriftNamesMax = 1'000;

// A name that drift had, and when the first delivery came that had it. A value.
// As DriftOf gives it the name is short and has no value of a body in it.
struct DriftName {
  DriftKind kind = DriftKind::kUnknownEvent;
  std::string name;
  Timestamp first_seen;

  friend bool operator==(const DriftName&, const DriftName&) = default;
};

}  // namespace tuco::log

#endif  // TUCO_SERVER_LOG_DRIFT_NAME_H_

// Names of drift for tests of the log.

#ifndef TUCO_TESTS_SERVER_LOG_DRIFT_SAMPLES_H_
#define TUCO_TESTS_SERVER_LOG_DRIFT_SAMPLES_H_

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "server/log/drift_name.h"
#include "server/log/event_log.h"

namespace tuco::log {

inline DriftName SampleDrift(DriftKind kind, const std::string& name,
                             std::int64_t second) {
  return {.kind = kind,
          .name = name,
          .first_seen = Timestamp(std::chrono::seconds(second))};
}

inline std::vector<DriftName> DriftIn(EventLog& log) {
  std::vector<DriftName> names;
  const absl::Status status = log.VisitDriftNames(
      [&names](const DriftName& name) { names.push_back(name); });
  EXPECT_TRUE(status.ok()) << status;
  return names;
}

}  // namespace tuco::log

#endif  // TUCO_TESTS_SERVER_LOG_DRIFT_SAMPLES_H_

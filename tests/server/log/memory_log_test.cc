#include "tests/server/log/event_log_contract.h"
#include "tests/server/log/log_drift_contract.h"
#include "tests/server/log/log_pruning_contract.h"
#include "tests/server/log/log_subscription_contract.h"

namespace tuco::log {
namespace {

Backend Memory() {
  return {"memory", [](const std::string&, const base::Clock& clock) {
            return MakeMemoryLog(clock);
          }};
}

INSTANTIATE_TEST_SUITE_P(Memory, EventLogContract, ::testing::Values(Memory()));
INSTANTIATE_TEST_SUITE_P(Memory, QuarantineContract,
                         ::testing::Values(Memory()));
INSTANTIATE_TEST_SUITE_P(Memory, SubscriptionContract,
                         ::testing::Values(Memory()));

}  // namespace
}  // namespace tuco::log

#include "tests/server/log/event_log_contract.h"
#include "tests/server/log/log_drift_contract.h"
#include "tests/server/log/log_in_folder.h"
#include "tests/server/log/log_pruning_contract.h"
#include "tests/server/log/log_subscription_contract.h"

namespace tuco::log {
namespace {

Backend Sqlite() {
  return {"sqlite",
          [](const std::string& directory, const base::Clock& clock) {
            return OpenLogIn(directory, clock).value();
          },
          /*durable=*/true};
}

INSTANTIATE_TEST_SUITE_P(Sqlite, EventLogContract, ::testing::Values(Sqlite()));
INSTANTIATE_TEST_SUITE_P(Sqlite, QuarantineContract,
                         ::testing::Values(Sqlite()));
INSTANTIATE_TEST_SUITE_P(Sqlite, SubscriptionContract,
                         ::testing::Values(Sqlite()));

}  // namespace
}  // namespace tuco::log

#include "tests/server/log/event_log_contract.h"

namespace tuco::log {
namespace {

INSTANTIATE_TEST_SUITE_P(Memory, EventLogContract,
                         ::testing::Values(Backend{
                             "memory",
                             [](const std::string&, const base::Clock& clock) {
                               return MakeMemoryLog(clock);
                             }}));

}  // namespace
}  // namespace tuco::log

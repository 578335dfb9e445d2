// How much of a test is done: a little in every run, more when an environment
// variable says so.

#ifndef TUCO_TESTS_SERVER_CLIENT_CAMPAIGN_H_
#define TUCO_TESTS_SERVER_CLIENT_CAMPAIGN_H_

#include <cstdint>
#include <cstdlib>

namespace tuco::client {

// The number that `variable` holds; `otherwise` without it.
inline std::uint64_t CampaignNumber(const char* variable,
                                    std::uint64_t otherwise) {
  const char* const text = std::getenv(variable);
  return text == nullptr || *text == '\0' ? otherwise
                                          : std::strtoull(text, nullptr, 10);
}

}  // namespace tuco::client

#endif  // TUCO_TESTS_SERVER_CLIENT_CAMPAIGN_H_

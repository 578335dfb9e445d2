// Subscriptions, for people.
//
// Pure functions, safe for concurrent use.

#ifndef TUCO_SERVER_CLI_SUBSCRIPTION_TEXT_H_
#define TUCO_SERVER_CLI_SUBSCRIPTION_TEXT_H_

#include <string>

#include "tuco/events/v1/subscription.pb.h"

namespace tuco::cli {

// What stands above the lines of a list, and such a line, both with line break:
//
//   NAME          MODE    SETTLED  LAG  OLDEST  HELD  WAITING  PARKED  READERS
//   crm           SHARED       42    3    1.5s     2        0       1        1
std::string SubscriptionHeading();
std::string SubscriptionLine(const events::v1::Subscription& subscription);

// A row for each thing to know.
std::string SubscriptionDetails(const events::v1::Subscription& subscription);

// Likewise for what is parked:
//
//   SEQUENCE  DELIVERIES  WHY             PARKED                    EVENT
std::string ParkedHeading();
std::string ParkedLine(const events::v1::ParkedEvent& parked);

}  // namespace tuco::cli

#endif  // TUCO_SERVER_CLI_SUBSCRIPTION_TEXT_H_

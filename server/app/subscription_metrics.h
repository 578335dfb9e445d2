// What subscriptions show of themselves as metrics.

#ifndef TUCO_SERVER_APP_SUBSCRIPTION_METRICS_H_
#define TUCO_SERVER_APP_SUBSCRIPTION_METRICS_H_

#include "server/base/metrics.h"
#include "server/stream/subscriptions.h"

namespace tuco::app {

// Adds them to `metrics`: of all subscriptions together, and of each by its
// name. A scrape waits for the subscriptions' thread, and for a bounded look at
// the log for each of them. `subscriptions` must outlive the last scrape.
void AddSubscriptionMetrics(stream::Subscriptions& subscriptions,
                            base::Metrics& metrics);

}  // namespace tuco::app

#endif  // TUCO_SERVER_APP_SUBSCRIPTION_METRICS_H_

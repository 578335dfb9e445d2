// What a server counts of the use of its secrets.

#ifndef TUCO_SERVER_APP_SECRET_METRICS_H_
#define TUCO_SERVER_APP_SECRET_METRICS_H_

#include "server/base/metrics.h"
#include "server/receiver/current_endpoints.h"

namespace tuco::app {

// Adds tuco_events_verified_total and tuco_secret_last_used_timestamp_seconds
// to `metrics`, which `endpoints` must outlive. Their labels are names of the
// configuration, so that nobody who posts can make new ones.
void AddSecretMetrics(const receiver::CurrentEndpoints& endpoints,
                      base::Metrics& metrics);

}  // namespace tuco::app

#endif  // TUCO_SERVER_APP_SECRET_METRICS_H_

// Metrics of the log and its committer.

#ifndef TUCO_SERVER_APP_LOG_METRICS_H_
#define TUCO_SERVER_APP_LOG_METRICS_H_

#include <chrono>
#include <cstddef>

#include "server/base/clock.h"
#include "server/base/metrics.h"
#include "server/log/committer.h"
#include "server/log/event_log.h"

namespace tuco::app {

// How long commits take, and how many events each makes durable: a
// committer's `on_commit`. One thread at a time.
class CommitMetrics {
 public:
  explicit CommitMetrics(base::Metrics& metrics);

  void Note(std::size_t events, std::chrono::nanoseconds took);

 private:
  base::Histogram& seconds_;
  base::Histogram& events_;
};

// Adds gauges that ask `log` and `committer` at each scrape. Both and `clock`
// must outlive `metrics`' last scrape.
void AddLogMetrics(log::EventLog& log, const log::Committer& committer,
                   const base::Clock& clock, base::Metrics& metrics);

}  // namespace tuco::app

#endif  // TUCO_SERVER_APP_LOG_METRICS_H_

// The table that `silences` gives.

#ifndef TUCO_PYTHON_CORE_METRICS_TRAFFIC_H_
#define TUCO_PYTHON_CORE_METRICS_TRAFFIC_H_

#include <cstdint>
#include <memory>
#include <unordered_map>
#include <vector>

#include "_core/arrow/array.h"
#include "_core/arrow/c_data.h"
#include "_core/metrics/analysis.h"
#include "_core/metrics/silences.h"

namespace tuco::python::metrics {

// When the events of a table came, whatever they are: tests and copies prove as
// well that the way was open. Immutable.
class Traffic {
 public:
  // Reads the whole stream. Each group by `dimensions`, which must not be of
  // time, is traffic of its own. Throws as EventReader.
  Traffic(ArrowArrayStream* stream, std::vector<Dimension> dimensions);

  // As of Analysis.
  std::int64_t first_time() const { return first_time_; }
  std::int64_t last_time() const { return last_time_; }

  // A row for each silence of each group, of the events in the window. Throws
  // std::invalid_argument when they are of more than kSilencesSpanMax.
  std::shared_ptr<const arrow::Table> Silences(
      const Window& window, const Zone& zone,
      const SilenceOptions& options) const;

 private:
  const std::vector<Dimension> dimensions_;
  Texts texts_;
  CampaignNames campaign_names_;
  Groups groups_;
  std::vector<std::vector<std::int64_t>> times_;  // Sorted, by the group.
  std::int64_t first_time_ = kNever;
  std::int64_t last_time_ = kNever;
};

}  // namespace tuco::python::metrics

#endif  // TUCO_PYTHON_CORE_METRICS_TRAFFIC_H_

// Which message a reply answers.

#ifndef TUCO_PYTHON_CORE_METRICS_ATTRIBUTION_H_
#define TUCO_PYTHON_CORE_METRICS_ATTRIBUTION_H_

#include <cstdint>
#include <vector>

namespace tuco::python::metrics {

class History;

// For each reply of `history` the number of the message that it answers, kNone
// where none is known. `window`, in microseconds, is for replies that do not
// say what they answer. docs/metrics.md has the rules.
std::vector<std::int64_t> AnsweredMessages(const History& history,
                                           std::int64_t window);

}  // namespace tuco::python::metrics

#endif  // TUCO_PYTHON_CORE_METRICS_ATTRIBUTION_H_

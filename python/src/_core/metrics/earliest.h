// Of many that each say something at some time, what the first one says:
// whoever comes when, the answer is the same.

#ifndef TUCO_PYTHON_CORE_METRICS_EARLIEST_H_
#define TUCO_PYTHON_CORE_METRICS_EARLIEST_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "_core/metrics/event_reader.h"

namespace tuco::python::metrics {

// For each of a growing number of things the value that was said of it first;
// kNone as long as none was. One thread at a time.
class Earliest {
 public:
  // Says `value` of the thing with number `thing`, at `time`, which may be
  // kNever. Of several at the same time the smallest by `less` wins.
  template <typename Less>
  void Offer(std::int64_t thing, std::int64_t time, std::int64_t value,
             const Less& less) {
    if (value == kNone) return;
    const auto at = static_cast<std::size_t>(thing);
    if (at >= said_.size()) said_.resize(at + 1);
    Said& said = said_[at];
    const bool earlier = said.value == kNone || time < said.time;
    if (earlier ||
        (time == said.time && value != said.value && less(value, said.value))) {
      said = {.time = time, .value = value};
    }
  }

  std::int64_t operator[](std::int64_t thing) const {
    const auto at = static_cast<std::size_t>(thing);
    return at < said_.size() ? said_[at].value : kNone;
  }

 private:
  struct Said {
    std::int64_t time = kNever;
    std::int64_t value = kNone;
  };
  std::vector<Said> said_;
};

}  // namespace tuco::python::metrics

#endif  // TUCO_PYTHON_CORE_METRICS_EARLIEST_H_

// Which events of a log are wanted, decided from a row's columns alone: what is
// not wanted is never decoded.

#ifndef TUCO_PYTHON_CORE_LOG_FILTER_H_
#define TUCO_PYTHON_CORE_LOG_FILTER_H_

#include <cstdint>
#include <string>
#include <vector>

#include "tuco/event_type.h"
#include "tuco/record_layout.h"

namespace tuco::python::log {

// From `from`, which is included, to `to`, which is not. A value.
struct TimeRange {
  std::int64_t from = INT64_MIN;
  std::int64_t to = INT64_MAX;

  bool IsAll() const { return from == INT64_MIN && to == INT64_MAX; }
  bool Has(std::int64_t time) const { return from <= time && time < to; }
};

// An event matches when it matches every field that is set; a list matches when
// one of its entries does. As tuco.events.v1.EventFilter. A value.
struct Filter {
  enum class Test : std::uint8_t { kInclude, kExclude, kOnly };

  // An event matches when its type is in `types` or its name in `type_names`;
  // both empty: any.
  std::vector<EventType> types;
  std::vector<std::string> type_names;
  std::vector<std::string> workspaces;
  std::vector<std::string> lines;
  std::vector<std::string> campaigns;
  std::vector<std::string> endpoints;
  std::vector<std::string> message_ids;
  std::vector<std::string> lead_ids;
  std::vector<std::string> phones;
  Test test = Test::kInclude;
  Flags flags;          // Every one of these must be set.
  Flags without_flags;  // None of these may be set.
  TimeRange recorded_at;
  TimeRange occurred_at;  // One that has none is in no range.

  bool Matches(const RecordColumns& columns) const;
};

}  // namespace tuco::python::log

#endif  // TUCO_PYTHON_CORE_LOG_FILTER_H_

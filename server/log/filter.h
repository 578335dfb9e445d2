// Which records a reader wants, decided from the index columns alone.

#ifndef TUCO_SERVER_LOG_FILTER_H_
#define TUCO_SERVER_LOG_FILTER_H_

#include <cstdint>
#include <string>
#include <vector>

#include "tuco/event_type.h"
#include "tuco/record_layout.h"

namespace tuco::log {

// A record matches when it matches every field that is set; a list matches
// when one of its entries does. An empty filter matches everything. A value.
struct Filter {
  enum class Test : std::uint8_t { kInclude, kExclude, kOnly };

  // A record matches when its type is in `types` or its name in `type_names`;
  // both empty: any.
  std::vector<EventType> types;
  std::vector<std::string> type_names;
  std::vector<std::string> workspaces;
  std::vector<std::string> lines;
  std::vector<std::string> campaigns;
  std::string message_id;  // Empty: any; so below.
  std::string lead_id;
  std::string phone;
  std::string event_id;  // Its 16 bytes.
  Test test = Test::kInclude;
  Flags flags;  // Every one of these must be set.

  friend bool operator==(const Filter&, const Filter&) = default;

  // Looks at no blob column, so a reader need not load one to ask.
  bool Matches(const RecordColumns& columns) const;
};

}  // namespace tuco::log

#endif  // TUCO_SERVER_LOG_FILTER_H_

// Which records a reader wants, decided from the index columns alone.

#ifndef TUCO_SERVER_LOG_FILTER_H_
#define TUCO_SERVER_LOG_FILTER_H_

#include <cstdint>
#include <string>
#include <vector>

#include "tuco/event_type.h"
#include "tuco/record_layout.h"

namespace tuco::log {

struct Filter;

// Which records somebody may see, whatever they ask for; an empty list: all. A
// value.
struct Reach {
  std::vector<std::string> endpoints;
  // Whoever has some sees nothing that is flagged WORKSPACE_MISMATCH: who owns
  // the secret of one endpoint could name the workspace of another.
  std::vector<std::string> workspaces;

  friend bool operator==(const Reach&, const Reach&) = default;

  bool IsUnlimited() const { return endpoints.empty() && workspaces.empty(); }
  bool Allows(const RecordColumns& columns) const;
  // Whether it allows all that `filter` can match.
  bool Contains(const Filter& filter) const;
};

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
  std::vector<std::string> endpoints;
  Flags without_flags;  // None of these may be set.
  // What the reader may see: it matches nothing else.
  Reach reach;

  friend bool operator==(const Filter&, const Filter&) = default;

  // Looks at no blob column, so a reader need not load one to ask.
  bool Matches(const RecordColumns& columns) const;
};

}  // namespace tuco::log

#endif  // TUCO_SERVER_LOG_FILTER_H_

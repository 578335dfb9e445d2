#include "server/log/filter.h"

#include <algorithm>
#include <string_view>

namespace tuco::log {
namespace {

// Whether `value`, which is without data when absent, is one of `wanted`;
// an empty list wants anything.
bool IsOneOf(std::string_view value, const std::vector<std::string>& wanted) {
  return wanted.empty() ||
         std::find(wanted.begin(), wanted.end(), value) != wanted.end();
}

bool Equals(std::string_view value, const std::string& wanted) {
  return wanted.empty() || value == wanted;
}

bool HasWantedType(std::string_view type_name, const Filter& filter) {
  if (filter.types.empty()) return IsOneOf(type_name, filter.type_names);
  const EventType type = EventTypeFromName(type_name);
  return std::find(filter.types.begin(), filter.types.end(), type) !=
             filter.types.end() ||
         (!filter.type_names.empty() && IsOneOf(type_name, filter.type_names));
}

bool HasWantedFlags(Flags flags, const Filter& filter) {
  const bool is_test = flags.Has(Flag::kTest);
  if (filter.test == Filter::Test::kExclude && is_test) return false;
  if (filter.test == Filter::Test::kOnly && !is_test) return false;
  return (flags.bits() & filter.flags.bits()) == filter.flags.bits() &&
         (flags.bits() & filter.without_flags.bits()) == 0;
}

// Whether `list` wants something, and nothing but what is in `allowed`.
bool IsWithin(const std::vector<std::string>& list,
              const std::vector<std::string>& allowed) {
  if (allowed.empty()) return true;
  return !list.empty() &&
         std::all_of(list.begin(), list.end(), [&](const std::string& wanted) {
           return IsOneOf(wanted, allowed);
         });
}

}  // namespace

bool Reach::Allows(const RecordColumns& columns) const {
  if (IsUnlimited()) return true;
  return IsOneOf(columns.endpoint, endpoints) &&
         IsOneOf(columns.workspace_id, workspaces) &&
         (workspaces.empty() ||
          !Flags::FromBits(columns.flags).Has(Flag::kWorkspaceMismatch));
}

bool Reach::Contains(const Filter& filter) const {
  return IsWithin(filter.endpoints, endpoints) &&
         IsWithin(filter.workspaces, workspaces) &&
         (workspaces.empty() ||
          filter.without_flags.Has(Flag::kWorkspaceMismatch));
}

bool Filter::Matches(const RecordColumns& columns) const {
  return HasWantedFlags(Flags::FromBits(columns.flags), *this) &&
         HasWantedType(columns.type_name, *this) &&
         IsOneOf(columns.endpoint, endpoints) &&
         IsOneOf(columns.workspace_id, workspaces) &&
         IsOneOf(columns.line_id, lines) &&
         IsOneOf(columns.campaign_id, campaigns) &&
         Equals(columns.message_id, message_id) &&
         Equals(columns.lead_id, lead_id) && Equals(columns.phone, phone) &&
         Equals(columns.event_id, event_id) && reach.Allows(columns);
}

}  // namespace tuco::log

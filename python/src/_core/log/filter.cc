#include "_core/log/filter.h"

#include <algorithm>
#include <string_view>

namespace tuco::python::log {
namespace {

bool Contains(const std::vector<std::string>& list, std::string_view value) {
  return std::find(list.begin(), list.end(), value) != list.end();
}

// Whether `value`, which is without data when absent, is wanted.
bool IsWanted(const std::vector<std::string>& list, std::string_view value) {
  return list.empty() || (value.data() != nullptr && Contains(list, value));
}

bool HasWantedType(const Filter& filter, std::string_view type_name) {
  if (filter.types.empty()) return IsWanted(filter.type_names, type_name);
  const EventType type = EventTypeFromName(type_name);
  return std::find(filter.types.begin(), filter.types.end(), type) !=
             filter.types.end() ||
         Contains(filter.type_names, type_name);
}

bool HasWantedFlags(const Filter& filter, Flags flags) {
  const bool is_test = flags.Has(Flag::kTest);
  if (filter.test == Filter::Test::kExclude && is_test) return false;
  if (filter.test == Filter::Test::kOnly && !is_test) return false;
  return (flags.bits() & filter.flags.bits()) == filter.flags.bits() &&
         (flags.bits() & filter.without_flags.bits()) == 0;
}

bool HasWantedTimes(const Filter& filter, const RecordColumns& columns) {
  return filter.recorded_at.Has(columns.recorded_at_us) &&
         (filter.occurred_at.IsAll() ||
          (columns.occurred_at_us != RecordColumns::kNoTime &&
           filter.occurred_at.Has(columns.occurred_at_us)));
}

}  // namespace

bool Filter::Matches(const RecordColumns& columns) const {
  return HasWantedTimes(*this, columns) &&
         HasWantedFlags(*this, Flags::FromBits(columns.flags)) &&
         HasWantedType(*this, columns.type_name) &&
         IsWanted(endpoints, columns.endpoint) &&
         IsWanted(workspaces, columns.workspace_id) &&
         IsWanted(lines, columns.line_id) &&
         IsWanted(campaigns, columns.campaign_id) &&
         IsWanted(message_ids, columns.message_id) &&
         IsWanted(lead_ids, columns.lead_id) && IsWanted(phones, columns.phone);
}

}  // namespace tuco::python::log

#include "tests/server/log/random_records.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/server/log/sample_records.h"

namespace tuco::log {
namespace {

struct NamedType {
  const char* name;
  EventType type;
};
constexpr std::array<NamedType, 5> kTypes = {{
    {"message.sent", EventType::kMessageSent},
    {"message.reply", EventType::kMessageReply},
    {"message.replied", EventType::kMessageReply},
    {"message.opened", EventType::kMessageOpened},
    {"message.unheard_of", EventType::kUnspecified},
}};

std::string One(const char* what, std::uint64_t of, base::DiskChance& chance) {
  return absl::StrCat(what, " ", chance.Below(of));
}

std::optional<std::string> Maybe(const char* what, std::uint64_t of,
                                 base::DiskChance& chance) {
  if (chance.OneIn(5)) return std::nullopt;
  return One(what, of, chance);
}

std::string SomeBytes(base::DiskChance& chance) {
  const std::uint64_t size_max = chance.OneIn(40) ? 20'000 : 300;
  return std::string(chance.Below(size_max),
                     static_cast<char>(chance.Below(256)));
}

// One or two of them, or none, which is any.
std::vector<std::string> Some(const char* what, std::uint64_t of,
                              base::DiskChance& chance) {
  std::vector<std::string> list;
  if (!chance.OneIn(4)) return list;
  list.push_back(One(what, of, chance));
  if (chance.OneIn(2)) list.push_back(One(what, of, chance));
  return list;
}

bool IsIn(const std::vector<std::string>& list,
          const std::optional<std::string>& value) {
  return list.empty() ||
         (value.has_value() &&
          std::find(list.begin(), list.end(), *value) != list.end());
}

bool Is(const std::string& wanted, const std::optional<std::string>& value) {
  return wanted.empty() || value == wanted;
}

bool HasType(const Filter& filter, const std::string& name) {
  if (filter.types.empty() && filter.type_names.empty()) return true;
  const auto* const known =
      std::find_if(kTypes.begin(), kTypes.end(),
                   [&](const NamedType& type) { return type.name == name; });
  return std::find(filter.types.begin(), filter.types.end(), known->type) !=
             filter.types.end() ||
         std::find(filter.type_names.begin(), filter.type_names.end(), name) !=
             filter.type_names.end();
}

}  // namespace

Record RandomRecord(std::uint64_t number, Timestamp now,
                    base::DiskChance& chance) {
  Record record;
  record.duplicate_key = SampleKey(number);
  record.endpoint = One("endpoint", 2, chance);
  record.type_name = kTypes[chance.Below(kTypes.size())].name;
  record.workspace_id = Maybe("workspace", 3, chance);
  record.line_id = Maybe("line", 4, chance);
  record.campaign_id = Maybe("campaign", 3, chance);
  record.message_id = Maybe("message", 200, chance);
  record.lead_id = Maybe("lead", 10, chance);
  record.phone = Maybe("phone", 10, chance);
  record.received_at = now;
  if (!chance.OneIn(10)) {
    record.occurred_at = now - std::chrono::milliseconds(chance.Below(10'000));
  }
  if (chance.OneIn(3)) record.flags.Add(Flag::kTest);
  if (chance.OneIn(3)) record.flags.Add(Flag::kLate);
  record.event = absl::StrCat("event ", number, SomeBytes(chance));
  record.body = SomeBytes(chance);
  record.signature.fill(static_cast<std::uint8_t>(chance.Below(256)));
  return record;
}

Filter RandomFilter(base::DiskChance& chance) {
  Filter filter;
  if (chance.OneIn(3)) return filter;
  if (chance.OneIn(4)) {
    filter.types = {kTypes[chance.Below(kTypes.size())].type};
  }
  if (chance.OneIn(4)) {
    filter.type_names = {kTypes[chance.Below(kTypes.size())].name};
  }
  filter.workspaces = Some("workspace", 3, chance);
  filter.lines = Some("line", 4, chance);
  filter.campaigns = Some("campaign", 3, chance);
  if (chance.OneIn(10)) filter.message_id = One("message", 200, chance);
  if (chance.OneIn(10)) filter.lead_id = One("lead", 10, chance);
  if (chance.OneIn(10)) filter.phone = One("phone", 10, chance);
  filter.test = static_cast<Filter::Test>(chance.Below(3));
  if (chance.OneIn(6)) filter.flags.Add(Flag::kLate);
  return filter;
}

bool Wants(const Filter& filter, const Record& record) {
  const bool test = record.flags.Has(Flag::kTest);
  return (filter.test == Filter::Test::kInclude ||
          (filter.test == Filter::Test::kOnly) == test) &&
         (!filter.flags.Has(Flag::kLate) || record.flags.Has(Flag::kLate)) &&
         HasType(filter, record.type_name) &&
         IsIn(filter.workspaces, record.workspace_id) &&
         IsIn(filter.lines, record.line_id) &&
         IsIn(filter.campaigns, record.campaign_id) &&
         Is(filter.message_id, record.message_id) &&
         Is(filter.lead_id, record.lead_id) && Is(filter.phone, record.phone);
}

}  // namespace tuco::log

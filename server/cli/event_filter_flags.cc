#include "server/cli/event_filter_flags.h"

#include <string_view>

#include "tuco/event_type.h"

namespace tuco::cli {
namespace {

namespace pb = events::v1;

pb::TestFilter TestFilterOf(std::string_view test) {
  if (test == "exclude") return pb::TEST_FILTER_EXCLUDE;
  if (test == "only") return pb::TEST_FILTER_ONLY;
  return pb::TEST_FILTER_INCLUDE;
}

// FLAG_UNSPECIFIED where there is no such flag.
pb::Flag FlagOf(const std::string& name) {
  pb::Flag flag = pb::FLAG_UNSPECIFIED;
  pb::Flag_Parse("FLAG_" + name, &flag);
  return flag;
}

// What is wrong with it; empty: nothing.
std::string CheckFlag(const std::string& name) {
  if (FlagOf(name) != pb::FLAG_UNSPECIFIED) return "";
  return name + ": expected a flag such as WORKSPACE_MISMATCH";
}

// A name that we know stands for its type, since some types have two names.
void AddEventName(const std::string& name, pb::EventFilter& filter) {
  const EventType type = EventTypeFromName(name);
  if (type == EventType::kUnspecified) {
    filter.add_type_names(name);
  } else {
    filter.add_types(static_cast<pb::EventType>(type));
  }
}

}  // namespace

std::vector<Option> AddEventFilterFlags(Command command,
                                        EventFilterFlags& flags) {
  std::vector<Option> options;
  options.push_back(command
                        .AddOption("--test", flags.test,
                                   "Test deliveries: include, exclude or only")
                        .OneOf({"include", "exclude", "only"})
                        .ShowDefault());
  const auto add_list = [&](const char* name, std::vector<std::string>& list,
                            const char* help) {
    options.push_back(
        command.AddOption(name, list, help).OneValueEach().HelpText("TEXT"));
  };
  add_list("--event", flags.events, "Tuco's name of the event, repeatable");
  add_list("--endpoint", flags.endpoints, "Name of an endpoint, repeatable");
  add_list("--workspace", flags.workspaces, "Workspace id, repeatable");
  add_list("--line", flags.lines, "Line id, repeatable");
  add_list("--campaign", flags.campaigns, "Campaign id, repeatable");
  options.push_back(
      command.AddOption("--message", flags.message, "Message id"));
  options.push_back(command.AddOption("--lead", flags.lead, "Lead id"));
  options.push_back(
      command.AddOption("--phone", flags.phone, "The contact's phone number"));
  options.push_back(command
                        .AddOption("--without-flag", flags.without_flags,
                                   "Leave events out that have this flag, "
                                   "such as LATE; repeatable")
                        .OneValueEach()
                        .HelpText("FLAG")
                        .CheckedBy(CheckFlag));
  return options;
}

pb::EventFilter ToEventFilter(const EventFilterFlags& flags) {
  pb::EventFilter filter;
  for (const std::string& name : flags.events) AddEventName(name, filter);
  for (const std::string& name : flags.endpoints) filter.add_endpoints(name);
  for (const std::string& name : flags.without_flags) {
    filter.add_without_flags(FlagOf(name));
  }
  for (const std::string& id : flags.workspaces) filter.add_workspaces(id);
  for (const std::string& id : flags.lines) filter.add_lines(id);
  for (const std::string& id : flags.campaigns) filter.add_campaigns(id);
  if (!flags.message.empty()) filter.set_message_id(flags.message);
  if (!flags.lead.empty()) filter.set_lead_id(flags.lead);
  if (!flags.phone.empty()) filter.set_phone(flags.phone);
  filter.set_test(TestFilterOf(flags.test));
  return filter;
}

}  // namespace tuco::cli

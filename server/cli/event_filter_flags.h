// The flags that say which events are wanted, of every command that has them.

#ifndef TUCO_SERVER_CLI_EVENT_FILTER_FLAGS_H_
#define TUCO_SERVER_CLI_EVENT_FILTER_FLAGS_H_

#include <string>
#include <vector>

#include "server/cli/command_line.h"
#include "tuco/events/v1/event_selection.pb.h"

namespace tuco::cli {

// The command line as it was given; empty is not given.
struct EventFilterFlags {
  std::string test = "include";
  std::vector<std::string> events;
  std::vector<std::string> endpoints;
  std::vector<std::string> workspaces;
  std::vector<std::string> lines;
  std::vector<std::string> campaigns;
  std::string message;
  std::string lead;
  std::string phone;
  std::vector<std::string> without_flags;  // Without FLAG_.
};

// Adds --test, --event and so on to `command`, and returns them.
std::vector<Option> AddEventFilterFlags(Command command,
                                        EventFilterFlags& flags);

// What they stand for.
events::v1::EventFilter ToEventFilter(const EventFilterFlags& flags);

}  // namespace tuco::cli

#endif  // TUCO_SERVER_CLI_EVENT_FILTER_FLAGS_H_

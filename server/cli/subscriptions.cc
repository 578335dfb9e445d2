#include "server/cli/subscriptions.h"

#include <unistd.h>

#include <memory>
#include <string>

#include "server/cli/server_connection.h"
#include "server/cli/subscription_commands.h"

namespace tuco::cli {
namespace {

constexpr const char* kFooter =
    R"(A subscription is a named place in the log that the server keeps: a CURSOR for
one reader, which goes on where it was (`tail --subscription`, StreamEvents), or
SHARED for any number of consumers that share the work (Consume).

Examples:
  tuco-events subscriptions create crm --mode cursor --from earliest
  tuco-events subscriptions list
  tuco-events subscriptions parked work)";

constexpr const char* kListFooter =
    R"(text  SETTLED is the sequence up to which everything is settled, but for what is
      HELD by consumers or WAITING; LAG are the events behind it; OLDEST is how
      long ago the oldest event was recorded that is not settled
json  one tuco.events.v1.Subscription a line

Exit code: 0 done, 1 there are none, 2 wrong usage, 3 cannot connect, 4 the log is
damaged.

Examples:
  tuco-events subscriptions list
  tuco-events subscriptions list --output json)";

constexpr const char* kShowFooter =
    R"(text  a line for each thing to know
json  one tuco.events.v1.Subscription

Exit code: 0 done, 1 there is none of that name, 2 wrong usage, 3 cannot connect,
4 the log is damaged.

Examples:
  tuco-events subscriptions show crm
  tuco-events subscriptions show crm --output json)";

constexpr const char* kCreateFooter =
    R"(--from is `latest` (only new events), `earliest`, the sequence of the first
event, or a time such as 2026-04-15T12:00:00Z. The filters are those of `tail`.
What belongs to SHARED subscriptions is refused with --mode cursor.

Exit code: 0 created, 1 there is one of that name, 2 wrong usage, 3 cannot
connect, 4 storage failed or there are too many.

Examples:
  tuco-events subscriptions create crm --mode cursor --event message.reply
  tuco-events subscriptions create work --mode shared --from earliest \
      --ack-deadline-s 60 --max-deliveries 5 --ordering-key lead)";

constexpr const char* kResetFooter =
    R"(Forwards or back; what is parked stays. A reader's call ends; consumers go on,
and what they hold counts as handed on.

Exit code: 0 moved, 1 there is none of that name, 2 wrong usage or a position
outside of the log, 3 cannot connect, 4 storage failed.

Examples:
  tuco-events subscriptions reset crm --from earliest
  tuco-events subscriptions reset crm --from 2026-04-15T12:00:00Z)";

constexpr const char* kDeleteFooter =
    R"(With all that it has parked. Calls of its readers and consumers end.

Exit code: 0 deleted, 1 there is none of that name, 2 wrong usage, 3 cannot
connect, 4 storage failed.

Example:
  tuco-events subscriptions delete crm)";

constexpr const char* kParkedFooter =
    R"(Events that a SHARED subscription has put aside: a consumer said so, or they were
delivered as often as they may be.

text  a line for each
json  one tuco.events.v1.ParkedEvent a line

Exit code: 0 done, 1 nothing is parked or there is no such subscription, 2 wrong
usage, 3 cannot connect, 4 the log is damaged.

Examples:
  tuco-events subscriptions parked work
  tuco-events subscriptions parked work --output json)";

constexpr const char* kReplayFooter =
    R"(Delivers parked events again, with their attempts counted anew. They stay parked
until they are settled.

text  how many
json  one tuco.events.v1.ReplayParkedResponse

Exit code: 0 all of them, 1 some are not parked or there is no such subscription,
2 wrong usage, 3 cannot connect, 4 storage failed.

Examples:
  tuco-events subscriptions replay work 42 43
  tuco-events subscriptions replay work --all)";

// Lets `run` print to stdout until Ctrl-C.
template <typename Flags>
void RunOnStdout(Command command, const std::shared_ptr<Flags>& flags,
                 int (*run)(const Flags&, Output&, Interrupt&)) {
  command.SetAction([flags, run] {
    Interrupt interrupt;
    const SignalWatcher watcher(interrupt, STDOUT_FILENO);
    FdOutput output(STDOUT_FILENO);
    return run(*flags, output, interrupt);
  });
}

// A subcommand with what all of them have.
Command AddCommand(Command parent, const std::string& name,
                   const std::string& help, const char* footer,
                   SubscriptionFlags& flags) {
  const Command command = parent.AddCommand(name, help);
  AddServerFlags(command, flags.grpc, flags.credentials);
  command.SetFooter(footer);
  return command;
}

void AddName(Command command, SubscriptionFlags& flags) {
  command.AddOption("NAME", flags.name, "The subscription's name")
      .Required()
      .HelpText(" ");
}

void AddOutput(Command command, SubscriptionFlags& flags) {
  command.AddOption("--output", flags.output, "text or json")
      .OneOf({"text", "json"})
      .ShowDefault();
}

void AddList(Command parent) {
  const auto flags = std::make_shared<SubscriptionFlags>();
  const Command command =
      AddCommand(parent, "list", "List subscriptions", kListFooter, *flags);
  AddOutput(command, *flags);
  RunOnStdout(command, flags, RunSubscriptionsList);
}

void AddShow(Command parent) {
  const auto flags = std::make_shared<SubscriptionFlags>();
  const Command command =
      AddCommand(parent, "show", "Show one subscription", kShowFooter, *flags);
  AddName(command, *flags);
  AddOutput(command, *flags);
  RunOnStdout(command, flags, RunSubscriptionsShow);
}

// What only SHARED subscriptions have. The server looks at the ranges.
void AddSharedFlags(Command command, SubscriptionCreateFlags& flags) {
  command.AddOption("--ack-deadline-s", flags.ack_deadline_s,
                    "Seconds that a consumer may take, 1 to 600; default 30");
  command.AddOption("--max-deliveries", flags.max_deliveries,
                    "Deliveries before an event is parked, 1 to 1000; "
                    "default 20");
  command.AddOption("--backoff-min-s", flags.backoff_min_s,
                    "Seconds that an event waits after its first failure, 1 "
                    "to 3600; default 1");
  command.AddOption("--backoff-max-s", flags.backoff_max_s,
                    "Seconds that it waits at most; default 3600");
  command
      .AddOption("--ordering-key", flags.ordering_key,
                 "lead or phone: one event of each at a time")
      .OneOf({"lead", "phone"});
}

void AddCreate(Command parent) {
  const auto flags = std::make_shared<SubscriptionCreateFlags>();
  const Command command = AddCommand(parent, "create", "Begin a subscription",
                                     kCreateFooter, flags->common);
  AddName(command, flags->common);
  command.AddOption("--mode", flags->mode, "cursor or shared")
      .Required()
      .OneOf({"cursor", "shared"});
  command
      .AddOption("--from", flags->from,
                 "earliest, latest, a sequence or a time")
      .ShowDefault();
  AddEventFilterFlags(command, flags->filter);
  AddSharedFlags(command, *flags);
  command.AddOption("--expires-after-s", flags->expires_after_s,
                    "Seconds without use after which it is deleted, 60 to "
                    "31622400; default never");
  AddOutput(command, flags->common);
  RunOnStdout(command, flags, RunSubscriptionsCreate);
}

void AddReset(Command parent) {
  const auto flags = std::make_shared<SubscriptionResetFlags>();
  const Command command = AddCommand(parent, "reset", "Move a subscription",
                                     kResetFooter, flags->common);
  AddName(command, flags->common);
  command
      .AddOption("--from", flags->from,
                 "earliest, latest, a sequence or a time")
      .Required();
  AddOutput(command, flags->common);
  RunOnStdout(command, flags, RunSubscriptionsReset);
}

void AddDelete(Command parent) {
  const auto flags = std::make_shared<SubscriptionFlags>();
  const Command command =
      AddCommand(parent, "delete", "End a subscription", kDeleteFooter, *flags);
  AddName(command, *flags);
  RunOnStdout(command, flags, RunSubscriptionsDelete);
}

void AddParked(Command parent) {
  const auto flags = std::make_shared<SubscriptionFlags>();
  const Command command =
      AddCommand(parent, "parked", "List what a subscription has parked",
                 kParkedFooter, *flags);
  AddName(command, *flags);
  AddOutput(command, *flags);
  RunOnStdout(command, flags, RunSubscriptionsParked);
}

void AddReplay(Command parent) {
  const auto flags = std::make_shared<SubscriptionReplayFlags>();
  const Command command =
      AddCommand(parent, "replay", "Deliver parked events again", kReplayFooter,
                 flags->common);
  AddName(command, flags->common);
  const Option sequences =
      command.AddOption("SEQUENCE", flags->sequences, "Several are allowed")
          .HelpText("...");
  command.AddFlag("--all", flags->all, "All that is parked")
      .Excludes(sequences);
  AddOutput(command, flags->common);
  RunOnStdout(command, flags, RunSubscriptionsReplay);
}

}  // namespace

void AddSubscriptions(Command parent) {
  const Command subscriptions =
      parent.AddCommand("subscriptions", "Keep places in the log");
  subscriptions.RequireCommand();
  subscriptions.SetFooter(kFooter);
  AddList(subscriptions);
  AddShow(subscriptions);
  AddCreate(subscriptions);
  AddReset(subscriptions);
  AddDelete(subscriptions);
  AddParked(subscriptions);
  AddReplay(subscriptions);
}

}  // namespace tuco::cli

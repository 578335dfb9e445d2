#include "server/cli/quarantine.h"

#include <unistd.h>

#include <cstdint>
#include <limits>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "server/cli/exit_codes.h"
#include "server/cli/quarantine_commands.h"
#include "server/cli/server_connection.h"
#include "tuco/events/v1/event_service.pb.h"

namespace tuco::cli {
namespace {

namespace pb = events::v1;

constexpr const char* kFooter =
    R"(A delivery that is refused may be genuine after all: a secret may be mistyped
or not be rolled out yet. So it is kept, and released by itself once a secret
verifies it. docs/quarantine.md says more.

Anybody may have sent what is unverified: nothing in it is to be believed. It is
personal data all the same.

Examples:
  tuco-events quarantine list --state held
  tuco-events quarantine show q_7
  tuco-events quarantine release q_7)";

constexpr const char* kListFooter =
    R"(The oldest first, the newest last. A list such as --state takes one value and
may be repeated; a delivery is shown when it matches every filter.

text  a table: id, state, whether it was verified, when it arrived (UTC), why it
      was not taken in, endpoint, source, bytes of the body
json  one tuco.events.v1.QuarantinedDelivery a line, without headers and body

Exit code: 0 done, 1 nothing found, 2 wrong usage, 3 cannot connect, 4 the log is
damaged.

Examples:
  tuco-events quarantine list --state held --limit 20
  tuco-events quarantine list --reason SIGNATURE_MISMATCH --source 192.0.2.7)";

constexpr const char* kShowFooter =
    R"(text  why it was not taken in, what would have to be different for it to be
      genuine, its headers, and its body if it is text
json  one tuco.events.v1.GetQuarantinedResponse
raw   the body, byte for byte, and nothing else

Exit code: 0 done, 1 nothing kept under this id (or, with raw, no body), 2 wrong
usage, 3 cannot connect, 4 the log is damaged.

Examples:
  tuco-events quarantine show q_7
  tuco-events quarantine show q_7 --output raw > body)";

constexpr const char* kReleaseFooter =
    R"(Takes deliveries in that an active secret verifies, whatever their age: also
those that cannot be told from a replay, which are never released otherwise. To
take in one that was mistrusted for a mistyped secret, mend the secret.

A line for each that was taken in, with its sequence; DUPLICATE when the log had
it already. What was not, and why, goes to stderr; with --output json all are on
stdout, one tuco.events.v1.QuarantineResult a line.

Exit code: 0 all of them, 1 some not, 2 wrong usage, 3 cannot connect, 4 storage
failed.

Examples:
  tuco-events quarantine release q_7
  tuco-events quarantine release q_7 q_8 --output json)";

constexpr const char* kHoldFooter =
    R"(A delivery that is held back is not released by itself, whatever secret comes;
`release` takes it in all the same. With --undo it is released at once if it is
genuine by now.

Exit code: 0 all of them, 1 some are not held any more, 2 wrong usage, 3 cannot
connect, 4 storage failed.

Examples:
  tuco-events quarantine hold q_7
  tuco-events quarantine hold q_7 --undo)";

constexpr const char* kPurgeFooter =
    R"(The bodies go for good; the rest stays for a while, as PURGED. --all is every
delivery that is held and matches the filters; without --yes it is only said how
many these are.

Exit code: 0 done, 1 nothing found or some are not held any more, 2 wrong usage
or no --yes, 3 cannot connect, 4 storage failed.

Examples:
  tuco-events quarantine purge q_7 q_8
  tuco-events quarantine purge --all --source 192.0.2.7 --yes)";

// The values' names without the enum's, but for the one that says nothing, in
// alphabetical order.
template <typename Name>
std::vector<std::string> ShortNames(int count, std::string_view prefix,
                                    const Name& name) {
  std::set<std::string> names;
  for (int number = 1; number < count; ++number) {
    names.insert(name(number).substr(prefix.size()));
  }
  return {names.begin(), names.end()};
}

std::vector<std::string> StateNames() {
  return ShortNames(pb::QuarantineState_ARRAYSIZE, "QUARANTINE_STATE_",
                    [](int n) { return pb::QuarantineState_Name(n); });
}

std::vector<std::string> ReasonNames() {
  return ShortNames(pb::Reason_ARRAYSIZE, "REASON_",
                    [](int n) { return pb::Reason_Name(n); });
}

// The server looks closer.
bool LooksLikeId(std::string_view text) {
  if (!text.starts_with("q_")) return false;
  text.remove_prefix(2);
  return !text.empty() &&
         text.find_first_not_of("0123456789") == std::string_view::npos;
}

// What is wrong with it; empty: nothing.
std::string CheckId(const std::string& text) {
  if (LooksLikeId(text)) return "";
  return "expected an id such as q_7, found " + text;
}

using Run = int (*)(const QuarantineChangeFlags&, Output&, Interrupt&);

// Lets `run` print to stdout until Ctrl-C.
template <typename Flags>
int OnStdout(int (*run)(const Flags&, Output&, Interrupt&), const Flags& flags,
             bool ends_with_reader) {
  Interrupt interrupt;
  const SignalWatcher watcher(interrupt, ends_with_reader ? STDOUT_FILENO : -1);
  FdOutput output(STDOUT_FILENO);
  return run(flags, output, interrupt);
}

void AddOutputFlag(Command command, std::string& output,
                   const std::vector<std::string>& formats,
                   const std::string& help) {
  command.AddOption("--output", output, help).OneOf(formats).ShowDefault();
}

// The filters that list and purge have in common.
std::vector<Option> AddFilterFlags(Command command,
                                   QuarantineFilterFlags& filter) {
  const Option reason = command
                            .AddOption("--reason", filter.reasons,
                                       "Why it was not taken in, repeatable")
                            .OneValueEach()
                            .OneOfAnyCase(ReasonNames())
                            .HelpText("REASON");
  const Option source =
      command.AddOption("--source", filter.source, "The sender's address");
  const Option endpoint = command.AddOption(
      "--endpoint", filter.endpoint, "The endpoint that it was posted to");
  return {reason, source, endpoint};
}

void AddList(Command parent) {
  const auto flags = std::make_shared<QuarantineListFlags>();
  const Command command = parent.AddCommand("list", "List deliveries");
  command
      .AddOption("--state", flags->filter.states,
                 "held, released, duplicate or purged, repeatable")
      .OneValueEach()
      .OneOfAnyCase(StateNames())
      .HelpText("STATE");
  AddFilterFlags(command, flags->filter);
  command.AddOption("--limit", flags->limit, "Only the newest ones, so many")
      .InRange(1, std::numeric_limits<std::uint64_t>::max());
  AddOutputFlag(command, flags->output, {"json", "text"}, "text or json");
  AddServerFlags(command, flags->grpc, flags->credentials);
  command.SetFooter(kListFooter);
  command.SetAction([flags] {
    return OnStdout(RunQuarantineList, *flags, /*ends_with_reader=*/true);
  });
}

void AddShow(Command parent) {
  const auto flags = std::make_shared<QuarantineShowFlags>();
  const Command command =
      parent.AddCommand("show", "Show one delivery, and explain it");
  command.AddOption("ID", flags->id, "Such as q_7")
      .Required()
      .CheckedBy(CheckId)
      .HelpText(" ");
  AddOutputFlag(command, flags->output, {"json", "raw", "text"},
                "text, json or raw");
  AddServerFlags(command, flags->grpc, flags->credentials);
  command.SetFooter(kShowFooter);
  command.SetAction([flags] {
    return OnStdout(RunQuarantineShow, *flags, /*ends_with_reader=*/true);
  });
}

// A command that changes the deliveries that it names, and their ids.
struct Change {
  Command command;
  Option ids;
};

Change AddChange(Command parent, const std::string& name,
                 const std::string& help, const char* footer, Run run,
                 const std::shared_ptr<QuarantineChangeFlags>& flags) {
  const Command command = parent.AddCommand(name, help);
  const Option ids =
      command.AddOption("ID", flags->ids, "Such as q_7; several are allowed")
          .CheckedBy(CheckId)
          .HelpText("...");
  AddOutputFlag(command, flags->output, {"json", "text"}, "text or json");
  AddServerFlags(command, flags->grpc, flags->credentials);
  command.SetFooter(footer);
  command.SetAction([flags, run] {
    return OnStdout(run, *flags, /*ends_with_reader=*/false);
  });
  return {command, ids};
}

void AddRelease(Command parent) {
  const auto flags = std::make_shared<QuarantineChangeFlags>();
  AddChange(parent, "release", "Take deliveries in that are genuine",
            kReleaseFooter, RunQuarantineRelease, flags)
      .ids.Required();
}

void AddHold(Command parent) {
  const auto flags = std::make_shared<QuarantineChangeFlags>();
  const Change hold = AddChange(
      parent, "hold", "Keep deliveries from being released by themselves",
      kHoldFooter, RunQuarantineHold, flags);
  hold.ids.Required();
  hold.command.AddFlag("--undo", flags->undo,
                       "Let them be released by themselves again");
}

void AddPurge(Command parent) {
  const auto flags = std::make_shared<QuarantineChangeFlags>();
  const Change purge = AddChange(parent, "purge", "Throw deliveries away",
                                 kPurgeFooter, RunQuarantinePurge, flags);
  const Option all =
      purge.command.AddFlag("--all", flags->all, "All that are held");
  purge.command.AddFlag("--yes", flags->yes, "Really, with --all").Needs(all);
  for (const Option& filter : AddFilterFlags(purge.command, flags->filter)) {
    filter.Needs(all);
  }
  all.Excludes(purge.ids);
}

}  // namespace

void AddQuarantine(Command parent) {
  const Command quarantine =
      parent.AddCommand("quarantine", "Look through what was not taken in");
  quarantine.RequireCommand();
  quarantine.SetFooter(kFooter);
  AddList(quarantine);
  AddShow(quarantine);
  AddRelease(quarantine);
  AddHold(quarantine);
  AddPurge(quarantine);
}

}  // namespace tuco::cli

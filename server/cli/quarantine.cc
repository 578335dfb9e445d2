#include "server/cli/quarantine.h"

#include <unistd.h>

#include <CLI/CLI.hpp>
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

// The values' names without the enum's, but for the one that says nothing.
template <typename Name>
std::set<std::string> ShortNames(int count, std::string_view prefix,
                                 const Name& name) {
  std::set<std::string> names;
  for (int number = 1; number < count; ++number) {
    names.insert(name(number).substr(prefix.size()));
  }
  return names;
}

std::set<std::string> StateNames() {
  return ShortNames(pb::QuarantineState_ARRAYSIZE, "QUARANTINE_STATE_",
                    [](int n) { return pb::QuarantineState_Name(n); });
}

std::set<std::string> ReasonNames() {
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

CLI::Validator IsId() {
  return {[](const std::string& text) -> std::string {
            if (LooksLikeId(text)) return "";
            return "expected an id such as q_7, found " + text;
          },
          ""};
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

void AddOutputFlag(CLI::App& command, std::string& output,
                   const std::set<std::string>& formats,
                   const std::string& help) {
  command.add_option("--output", output, help)
      ->check(CLI::IsMember(formats))
      ->capture_default_str();
}

// The filters that list and purge have in common.
std::vector<CLI::Option*> AddFilterFlags(CLI::App& command,
                                         QuarantineFilterFlags& filter) {
  CLI::Option* const reason =
      command
          .add_option("--reason", filter.reasons,
                      "Why it was not taken in, repeatable")
          ->allow_extra_args(false)
          ->transform(CLI::IsMember(ReasonNames(), CLI::ignore_case))
          ->option_text("REASON");
  CLI::Option* const source =
      command.add_option("--source", filter.source, "The sender's address");
  CLI::Option* const endpoint = command.add_option(
      "--endpoint", filter.endpoint, "The endpoint that it was posted to");
  return {reason, source, endpoint};
}

void AddList(CLI::App& parent, int& exit_code) {
  const auto flags = std::make_shared<QuarantineListFlags>();
  CLI::App& command = *parent.add_subcommand("list", "List deliveries");
  command
      .add_option("--state", flags->filter.states,
                  "held, released, duplicate or purged, repeatable")
      ->allow_extra_args(false)
      ->transform(CLI::IsMember(StateNames(), CLI::ignore_case))
      ->option_text("STATE");
  AddFilterFlags(command, flags->filter);
  command.add_option("--limit", flags->limit, "Only the newest ones, so many")
      ->check(CLI::Range(std::uint64_t{1},
                         std::numeric_limits<std::uint64_t>::max()));
  AddOutputFlag(command, flags->output, {"text", "json"}, "text or json");
  AddServerFlags(command, flags->grpc, flags->credentials);
  command.footer(kListFooter);
  command.callback([flags, &exit_code] {
    exit_code = OnStdout(RunQuarantineList, *flags, /*ends_with_reader=*/true);
  });
}

void AddShow(CLI::App& parent, int& exit_code) {
  const auto flags = std::make_shared<QuarantineShowFlags>();
  CLI::App& command =
      *parent.add_subcommand("show", "Show one delivery, and explain it");
  command.add_option("ID", flags->id, "Such as q_7")
      ->required()
      ->check(IsId())
      ->option_text(" ");
  AddOutputFlag(command, flags->output, {"text", "json", "raw"},
                "text, json or raw");
  AddServerFlags(command, flags->grpc, flags->credentials);
  command.footer(kShowFooter);
  command.callback([flags, &exit_code] {
    exit_code = OnStdout(RunQuarantineShow, *flags, /*ends_with_reader=*/true);
  });
}

// A subcommand that changes the deliveries that it names.
CLI::App& AddChange(CLI::App& parent, const std::string& name,
                    const std::string& help, const char* footer, Run run,
                    const std::shared_ptr<QuarantineChangeFlags>& flags,
                    int& exit_code) {
  CLI::App& command = *parent.add_subcommand(name, help);
  command.add_option("ID", flags->ids, "Such as q_7; several are allowed")
      ->check(IsId())
      ->option_text("...");
  AddOutputFlag(command, flags->output, {"text", "json"}, "text or json");
  AddServerFlags(command, flags->grpc, flags->credentials);
  command.footer(footer);
  command.callback([flags, run, &exit_code] {
    exit_code = OnStdout(run, *flags, /*ends_with_reader=*/false);
  });
  return command;
}

void AddRelease(CLI::App& parent, int& exit_code) {
  const auto flags = std::make_shared<QuarantineChangeFlags>();
  AddChange(parent, "release", "Take deliveries in that are genuine",
            kReleaseFooter, RunQuarantineRelease, flags, exit_code)
      .get_option("ID")
      ->required();
}

void AddHold(CLI::App& parent, int& exit_code) {
  const auto flags = std::make_shared<QuarantineChangeFlags>();
  CLI::App& command = AddChange(
      parent, "hold", "Keep deliveries from being released by themselves",
      kHoldFooter, RunQuarantineHold, flags, exit_code);
  command.get_option("ID")->required();
  command.add_flag("--undo", flags->undo,
                   "Let them be released by themselves again");
}

void AddPurge(CLI::App& parent, int& exit_code) {
  const auto flags = std::make_shared<QuarantineChangeFlags>();
  CLI::App& command =
      AddChange(parent, "purge", "Throw deliveries away", kPurgeFooter,
                RunQuarantinePurge, flags, exit_code);
  CLI::Option* const all =
      command.add_flag("--all", flags->all, "All that are held");
  command.add_flag("--yes", flags->yes, "Really, with --all")->needs(all);
  for (CLI::Option* const filter : AddFilterFlags(command, flags->filter)) {
    filter->needs(all);
  }
  all->excludes(command.get_option("ID"));
}

}  // namespace

void AddQuarantine(CLI::App& app, int& exit_code) {
  CLI::App& quarantine =
      *app.add_subcommand("quarantine", "Look through what was not taken in");
  quarantine.require_subcommand(1);
  quarantine.footer(kFooter);
  AddList(quarantine, exit_code);
  AddShow(quarantine, exit_code);
  AddRelease(quarantine, exit_code);
  AddHold(quarantine, exit_code);
  AddPurge(quarantine, exit_code);
}

}  // namespace tuco::cli

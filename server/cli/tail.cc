#include "server/cli/tail.h"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "proto/event_codec.h"
#include "server/cli/event_raw.h"
#include "server/cli/event_stream.h"
#include "server/cli/event_text.h"
#include "server/cli/exit_codes.h"
#include "server/cli/server_connection.h"
#include "server/client/channel.h"

namespace tuco::cli {
namespace {

constexpr std::uint64_t kLimitMax = std::numeric_limits<std::uint64_t>::max();

constexpr const char* kFooter =
    R"(--from is `latest` (only new events), `earliest`, the sequence of the
first event, or a time such as 2026-04-15T12:00:00Z, compared with when an event
was recorded. A list such as --event takes one value and may be repeated; an
event is shown when it matches every filter.

text  one line an event: time recorded (UTC), sequence, name, [flags], contact,
      line, text
json  one tuco.events.v1.Event a line
raw   the signed delivery, which `verify --input` and `import` read back

Without --no-follow it waits for new events until Ctrl-C, and goes on where it
was when the connection drops.

Exit code: 0 --limit reached or end, 1 nothing found with --no-follow, 2 wrong
usage, 3 cannot connect, 4 the log is damaged, 130 interrupted.

Examples:
  tuco-events tail
  tuco-events tail --from earliest --no-follow --event message.reply
  tuco-events tail --from 42 --limit 1 --output json
  tuco-events tail --from earliest --no-follow --output raw > raw.ndjson)";

std::string FormatEvent(const events::v1::Event& event,
                        const std::string& output, bool colours) {
  if (output == "json") return proto::ToJson(event) + "\n";
  if (output == "raw") return EventRaw(event);
  return EventText(event, colours);
}

// Notices go to people: gaps always, the rest only where somebody looks.
void TellOnStderr(std::string_view notice, bool important) {
  if (important || IsTerminal(STDERR_FILENO)) Notice(notice);
}

int Tail(const TailFlags& flags) {
  Interrupt interrupt;
  const SignalWatcher watcher(interrupt, STDOUT_FILENO);
  FdOutput output(STDOUT_FILENO);
  return RunTail(flags, output, StdoutTakesColours(), interrupt);
}

void AddPositionFlags(CLI::App& command, TailFlags& flags) {
  command
      .add_option("--from", flags.from,
                  "earliest, latest, a sequence or a time")
      ->capture_default_str();
  command.add_flag("--no-follow", flags.no_follow,
                   "End at the newest event instead of waiting");
  command.add_option("--limit", flags.limit, "End after this many events")
      ->check(CLI::Range(std::uint64_t{1}, kLimitMax));
}

void AddFilterFlags(CLI::App& command, TailFlags& flags) {
  command
      .add_option("--test", flags.test,
                  "Test deliveries: include, exclude or only")
      ->check(CLI::IsMember({"include", "exclude", "only"}))
      ->capture_default_str();
  const auto add_list = [&command](const char* name,
                                   std::vector<std::string>& list,
                                   const char* help) {
    command.add_option(name, list, help)
        ->allow_extra_args(false)
        ->option_text("TEXT");
  };
  add_list("--event", flags.events, "Tuco's name of the event, repeatable");
  add_list("--workspace", flags.workspaces, "Workspace id, repeatable");
  add_list("--line", flags.lines, "Line id, repeatable");
  add_list("--campaign", flags.campaigns, "Campaign id, repeatable");
  command.add_option("--message", flags.message, "Message id");
  command.add_option("--lead", flags.lead, "Lead id");
  command.add_option("--phone", flags.phone, "The contact's phone number");
}

}  // namespace

int RunTail(const TailFlags& flags, Output& output, bool colours,
            Interrupt& interrupt) {
  auto request = MakeTailRequest(flags);
  if (!request.ok()) return Fail(kExitUsage, request.status());
  const Connection server = ConnectToServer(flags.grpc, interrupt);
  if (server.channel == nullptr) return server.exit_code;

  // One write for all that came together: a catch-up has millions of events.
  const auto print = [&](EventStream::Events events) {
    std::string text;
    for (const events::v1::Event* const event : events) {
      text += FormatEvent(*event, flags.output, colours);
    }
    return output.Write(text);
  };
  StreamPlan plan{.request = *std::move(request), .limit = flags.limit};
  return EventStream(
             server.channel,
             [&server] { return client::OpenChannel(server.address).value(); },
             std::move(plan), print, TellOnStderr, interrupt)
      .Run();
}

void AddTail(CLI::App& app, int& exit_code) {
  const auto flags = std::make_shared<TailFlags>();
  CLI::App& command =
      *app.add_subcommand("tail", "Print the events of a server, and follow");
  AddPositionFlags(command, *flags);
  AddFilterFlags(command, *flags);
  command.add_option("--output", flags->output, "text, json or raw")
      ->check(CLI::IsMember({"text", "json", "raw"}))
      ->capture_default_str();
  AddServerFlag(command, flags->grpc);
  command.footer(kFooter);
  command.callback([flags, &exit_code] { exit_code = Tail(*flags); });
}

}  // namespace tuco::cli

#include "server/cli/tail.h"

#include <grpcpp/client_context.h>
#include <unistd.h>

#include <chrono>
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
#include "tuco/events/v1/event_service.grpc.pb.h"

namespace tuco::cli {
namespace {

constexpr std::uint64_t kLimitMax = std::numeric_limits<std::uint64_t>::max();
// An acknowledgement waits for a commit or two.
constexpr std::chrono::seconds kAcknowledgeTimeout{10};

constexpr const char* kFooter =
    R"(--from is `latest` (only new events), `earliest`, the sequence of the
first event, or a time such as 2026-04-15T12:00:00Z, compared with when an event
was recorded. A list such as --event takes one value and may be repeated; an
event is shown when it matches every filter.

With --subscription it goes on behind what that one has acknowledged, with the
filter that it was created with, and acknowledges everything that it has printed.
What it could not acknowledge, for it was killed or the server was, is printed
again. It ends when another reader comes or the subscription is moved.

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
  tuco-events tail --subscription crm --output json
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

grpc::Status Acknowledge(const std::shared_ptr<grpc::Channel>& channel,
                         const std::string& subscription,
                         std::uint64_t through) {
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + kAcknowledgeTimeout);
  events::v1::AcknowledgeRequest request;
  request.set_subscription(subscription);
  request.set_through_sequence(through);
  events::v1::AcknowledgeResponse response;
  return events::v1::EventService::NewStub(channel)->Acknowledge(
      &context, request, &response);
}

int Tail(const TailFlags& flags) {
  Interrupt interrupt;
  const SignalWatcher watcher(interrupt, STDOUT_FILENO);
  FdOutput output(STDOUT_FILENO);
  return RunTail(flags, output, StdoutTakesColours(), interrupt);
}

void AddPositionFlags(Command command, TailFlags& flags) {
  const Option from = command
                          .AddOption("--from", flags.from,
                                     "earliest, latest, a sequence or a time")
                          .ShowDefault();
  const Option subscription =
      command
          .AddOption("--subscription", flags.subscription,
                     "Read this CURSOR, and acknowledge what was printed")
          .Excludes(from);
  for (const Option& filter : AddEventFilterFlags(command, flags.filter)) {
    subscription.Excludes(filter);
  }
  command.AddFlag("--no-follow", flags.no_follow,
                  "End at the newest event instead of waiting");
  command.AddOption("--limit", flags.limit, "End after this many events")
      .InRange(1, kLimitMax);
}

}  // namespace

int RunTail(const TailFlags& flags, Output& output, bool colours,
            Interrupt& interrupt) {
  auto request = MakeTailRequest(flags);
  if (!request.ok()) return Fail(kExitUsage, request.status());
  const Connection server =
      ConnectToServer(flags.grpc, flags.credentials, interrupt);
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
  if (!flags.subscription.empty()) {
    plan.acknowledge = [&](std::uint64_t through) {
      return Acknowledge(server.channel, flags.subscription, through);
    };
  }
  return EventStream(
             server.channel,
             [&server] {
               return client::OpenChannel(server.address, server.credentials)
                   .value();
             },
             plan, print, TellOnStderr, interrupt)
      .Run();
}

void AddTail(Command parent) {
  const auto flags = std::make_shared<TailFlags>();
  const Command command =
      parent.AddCommand("tail", "Print the events of a server, and follow");
  AddPositionFlags(command, *flags);
  command.AddOption("--output", flags->output, "text, json or raw")
      .OneOf({"text", "json", "raw"})
      .ShowDefault();
  AddServerFlags(command, flags->grpc, flags->credentials);
  command.SetFooter(kFooter);
  command.SetAction([flags] { return Tail(*flags); });
}

}  // namespace tuco::cli

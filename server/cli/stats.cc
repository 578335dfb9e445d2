#include "server/cli/stats.h"

#include <unistd.h>

#include <chrono>
#include <memory>

#include "proto/event_codec.h"
#include "server/cli/exit_codes.h"
#include "server/cli/server_connection.h"
#include "server/cli/stats_text.h"
#include "tuco/events/v1/event_service.grpc.pb.h"

namespace tuco::cli {
namespace {

namespace pb = events::v1;

// The server asks its disk, which may be what is wrong.
constexpr std::chrono::seconds kCallTimeout{30};

constexpr const char* kFooter =
    R"(text  a line for each thing to know: whether events are taken in, the log, the
      quarantine, the spool, endpoints, and what Tuco sends that this version
      does not know
json  one tuco.events.v1.ServerStatus

Exit code: 0 done, whatever the server says of itself, 2 wrong usage, 3 cannot
connect.

Examples:
  tuco-events stats
  tuco-events stats --output json)";

}  // namespace

int RunStats(const StatsFlags& flags, Output& output, Interrupt& interrupt) {
  const Connection server =
      ConnectToServer(flags.grpc, flags.credentials, interrupt);
  if (server.channel == nullptr) return server.exit_code;
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + kCallTimeout);
  pb::GetStatusResponse response;
  {
    const Interrupt::Action cancel(interrupt,
                                   [&context] { context.TryCancel(); });
    const grpc::Status status = pb::EventService::NewStub(server.channel)
                                    ->GetStatus(&context, {}, &response);
    if (!status.ok()) return FailCall(status, interrupt);
  }
  const WriteResult written = output.Write(
      flags.output == "json" ? proto::ToJson(response.status()) + "\n"
                             : StatusText(response.status()));
  return written == WriteResult::kWritten ? kExitOk : ExitCodeOf(written);
}

void AddStats(Command parent) {
  const auto flags = std::make_shared<StatsFlags>();
  const Command command = parent.AddCommand("stats", "Show how a server is");
  command.AddOption("--output", flags->output, "text or json")
      .OneOf({"text", "json"})
      .ShowDefault();
  AddServerFlags(command, flags->grpc, flags->credentials);
  command.SetFooter(kFooter);
  command.SetAction([flags] {
    Interrupt interrupt;
    const SignalWatcher watcher(interrupt);
    FdOutput output(STDOUT_FILENO);
    return RunStats(*flags, output, interrupt);
  });
}

}  // namespace tuco::cli

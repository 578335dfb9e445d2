#include "server/cli/quarantine_commands.h"

#include <algorithm>
#include <cstddef>
#include <deque>
#include <string_view>

#include "proto/event_codec.h"
#include "server/cli/exit_codes.h"
#include "server/cli/line_printer.h"
#include "server/cli/quarantine_client.h"
#include "server/cli/quarantine_text.h"
#include "server/cli/server_connection.h"
#include "tuco/strings.h"

namespace tuco::cli {
namespace {

namespace pb = events::v1;

pb::QuarantineFilter ToFilter(const QuarantineFilterFlags& flags) {
  pb::QuarantineFilter filter;
  for (const std::string& name : flags.states) {
    pb::QuarantineState state = pb::QUARANTINE_STATE_UNSPECIFIED;
    pb::QuarantineState_Parse("QUARANTINE_STATE_" + name, &state);
    filter.add_states(state);
  }
  for (const std::string& name : flags.reasons) {
    pb::Reason reason = pb::REASON_UNSPECIFIED;
    pb::Reason_Parse("REASON_" + name, &reason);
    filter.add_reasons(reason);
  }
  if (!flags.source.empty()) filter.set_source(flags.source);
  if (!flags.endpoint.empty()) filter.set_endpoint(flags.endpoint);
  return filter;
}

// What one result ends the process with.
int ExitCodeOf(const pb::QuarantineResult& result) {
  if (!result.has_error()) return kExitOk;
  switch (result.error().code()) {
    case grpc::StatusCode::NOT_FOUND:
    case grpc::StatusCode::FAILED_PRECONDITION:
      return kExitNegative;
    default:
      return kExitStorage;
  }
}

// Prints what became of deliveries, what was not done to stderr unless the
// output is JSON. What the process ends with: the worst of it.
int PrintChanges(const QuarantineClient& client,
                 const QuarantineClient::Changes& changes,
                 const std::string& format, Output& output) {
  LinePrinter printer(output, "");
  int exit_code = kExitOk;
  for (const pb::QuarantineResult& result : changes.results) {
    exit_code = std::max(exit_code, ExitCodeOf(result));
    if (format == "json") {
      printer.Print(proto::ToJson(result) + "\n");
    } else if (result.has_error()) {
      Notice(Concat({result.id(), ": ", result.error().message()}));
    } else {
      printer.Print(QuarantineResultLine(result));
    }
  }
  if (!changes.status.ok()) return client.FailCall(changes.status);
  return printer.ExitCode(exit_code);
}

// The ids of all that is held and matches.
grpc::Status ListHeld(const QuarantineFilterFlags& flags,
                      QuarantineClient& client, QuarantineClient::Ids& ids) {
  pb::QuarantineFilter filter = ToFilter(flags);
  filter.clear_states();
  filter.add_states(pb::QUARANTINE_STATE_HELD);
  return client.List(filter, [&ids](const pb::QuarantinedDelivery& delivery) {
    ids.push_back(delivery.id());
    return true;
  });
}

// What was settled or made room for others meanwhile is no mistake of anybody.
int PrintPurge(const QuarantineClient& client,
               const QuarantineClient::Changes& changes,
               const std::string& format, Output& output) {
  QuarantineClient::Changes relevant{.results = {}, .status = changes.status};
  std::size_t purged = 0;
  for (const pb::QuarantineResult& result : changes.results) {
    const int exit_code = ExitCodeOf(result);
    if (exit_code == kExitOk) ++purged;
    const bool shown =
        exit_code == kExitOk ? format == "json" : exit_code != kExitNegative;
    if (shown) relevant.results.push_back(result);
  }
  if (format != "json") {
    LinePrinter(output, "")
        .Print(Concat({std::to_string(purged), " purged\n"}));
  }
  return PrintChanges(client, relevant, format, output);
}

int PurgeAll(const QuarantineChangeFlags& flags, QuarantineClient& client,
             Output& output) {
  QuarantineClient::Ids ids;
  const grpc::Status status = ListHeld(flags.filter, client, ids);
  if (!status.ok()) return client.FailCall(status);
  if (ids.empty()) return kExitNegative;
  if (!flags.yes) {
    return Fail(kExitUsage,
                Concat({"this would throw away ", std::to_string(ids.size()),
                        ids.size() == 1 ? " delivery" : " deliveries",
                        " for good; add --yes to do it"}));
  }
  return PrintPurge(client, client.Purge(ids), flags.output, output);
}

// The newest `limit` deliveries that match, the newest last.
grpc::Status ListNewest(const pb::QuarantineFilter& filter, std::uint64_t limit,
                        QuarantineClient& client,
                        const QuarantineClient::Take& print) {
  std::deque<pb::QuarantinedDelivery> newest;
  grpc::Status status = client.List(
      filter, [&newest, limit](const pb::QuarantinedDelivery& delivery) {
        newest.push_back(delivery);
        if (newest.size() > limit) newest.pop_front();
        return true;
      });
  if (!status.ok()) return status;
  for (const pb::QuarantinedDelivery& delivery : newest) {
    if (!print(delivery)) break;
  }
  return status;
}

}  // namespace

int RunQuarantineList(const QuarantineListFlags& flags, Output& output,
                      Interrupt& interrupt) {
  const Connection server =
      ConnectToServer(flags.grpc, flags.credentials, interrupt);
  if (server.channel == nullptr) return server.exit_code;
  QuarantineClient client(server.channel, interrupt);
  const bool json = flags.output == "json";
  LinePrinter printer(output, json ? "" : QuarantineHeading());
  const auto print = [&](const pb::QuarantinedDelivery& delivery) {
    return printer.Print(json ? proto::ToJson(delivery) + "\n"
                              : QuarantineLine(delivery));
  };
  const pb::QuarantineFilter filter = ToFilter(flags.filter);
  const grpc::Status status =
      flags.limit == 0 ? client.List(filter, print)
                       : ListNewest(filter, flags.limit, client, print);
  if (!status.ok()) return client.FailCall(status);
  return printer.ExitCode(printer.printed() ? kExitOk : kExitNegative);
}

int RunQuarantineShow(const QuarantineShowFlags& flags, Output& output,
                      Interrupt& interrupt) {
  const Connection server =
      ConnectToServer(flags.grpc, flags.credentials, interrupt);
  if (server.channel == nullptr) return server.exit_code;
  QuarantineClient client(server.channel, interrupt);
  pb::GetQuarantinedResponse response;
  const bool explain = flags.output != "raw";
  const grpc::Status status = client.Get(flags.id, explain, response);
  if (!status.ok()) return client.FailCall(status);
  LinePrinter printer(output, "");
  if (flags.output == "json") {
    printer.Print(proto::ToJson(response) + "\n");
  } else if (flags.output == "text") {
    printer.Print(QuarantineDetails(response));
  } else if (!response.delivery().has_body()) {
    return Fail(kExitNegative,
                Concat({"the body of ", flags.id, " is not kept"}));
  } else {
    printer.Print(response.delivery().body());
  }
  return printer.ExitCode(kExitOk);
}

int RunQuarantineRelease(const QuarantineChangeFlags& flags, Output& output,
                         Interrupt& interrupt) {
  const Connection server =
      ConnectToServer(flags.grpc, flags.credentials, interrupt);
  if (server.channel == nullptr) return server.exit_code;
  QuarantineClient client(server.channel, interrupt);
  return PrintChanges(client, client.Release(flags.ids), flags.output, output);
}

int RunQuarantineHold(const QuarantineChangeFlags& flags, Output& output,
                      Interrupt& interrupt) {
  const Connection server =
      ConnectToServer(flags.grpc, flags.credentials, interrupt);
  if (server.channel == nullptr) return server.exit_code;
  QuarantineClient client(server.channel, interrupt);
  return PrintChanges(client, client.Hold(flags.ids, flags.undo), flags.output,
                      output);
}

int RunQuarantinePurge(const QuarantineChangeFlags& flags, Output& output,
                       Interrupt& interrupt) {
  if (flags.ids.empty() && !flags.all) {
    return Fail(kExitUsage, "purge needs ids such as q_7, or --all");
  }
  const Connection server =
      ConnectToServer(flags.grpc, flags.credentials, interrupt);
  if (server.channel == nullptr) return server.exit_code;
  QuarantineClient client(server.channel, interrupt);
  if (flags.all) return PurgeAll(flags, client, output);
  return PrintChanges(client, client.Purge(flags.ids), flags.output, output);
}

}  // namespace tuco::cli

#include "server/cli/subscription_commands.h"

#include <google/protobuf/util/time_util.h>

#include "absl/status/statusor.h"
#include "proto/event_codec.h"
#include "server/base/status_macros.h"
#include "server/cli/exit_codes.h"
#include "server/cli/line_printer.h"
#include "server/cli/server_connection.h"
#include "server/cli/subscription_client.h"
#include "server/cli/subscription_text.h"
#include "server/cli/tail_options.h"
#include "tuco/strings.h"

namespace tuco::cli {
namespace {

namespace pb = events::v1;
using google::protobuf::util::TimeUtil;

// Sets the position of a request that has those of a stream.
template <typename Request>
absl::Status SetRequestPosition(std::string_view from, Request& request) {
  pb::StreamEventsRequest position;
  TUCO_RETURN_IF_ERROR(SetPosition(from, position));
  switch (position.position_case()) {
    case pb::StreamEventsRequest::kAnchor:
      request.set_anchor(position.anchor());
      break;
    case pb::StreamEventsRequest::kFromTime:
      *request.mutable_from_time() = position.from_time();
      break;
    default:
      request.set_after_sequence(position.after_sequence());
  }
  return absl::OkStatus();
}

// The server looks at the ranges; but a Duration has one of its own.
absl::Status SetSeconds(
    const char* flag, const std::optional<std::int64_t>& seconds,
    google::protobuf::Duration* (pb::Subscription::*field)(),
    pb::Subscription& subscription) {
  if (!seconds.has_value()) return absl::OkStatus();
  if (*seconds < TimeUtil::kDurationMinSeconds ||
      *seconds > TimeUtil::kDurationMaxSeconds) {
    return absl::InvalidArgumentError(Concat(
        {flag, ": no duration has ", std::to_string(*seconds), " seconds"}));
  }
  *(subscription.*field)() = TimeUtil::SecondsToDuration(*seconds);
  return absl::OkStatus();
}

absl::StatusOr<pb::CreateSubscriptionRequest> MakeCreateRequest(
    const SubscriptionCreateFlags& flags) {
  pb::CreateSubscriptionRequest request;
  TUCO_RETURN_IF_ERROR(SetRequestPosition(flags.from, request));
  pb::Subscription& subscription = *request.mutable_subscription();
  subscription.set_name(flags.common.name);
  subscription.set_mode(flags.mode == "shared" ? pb::SUBSCRIPTION_MODE_SHARED
                                               : pb::SUBSCRIPTION_MODE_CURSOR);
  *subscription.mutable_filter() = ToEventFilter(flags.filter);
  TUCO_RETURN_IF_ERROR(SetSeconds("--ack-deadline-s", flags.ack_deadline_s,
                                  &pb::Subscription::mutable_ack_deadline,
                                  subscription));
  TUCO_RETURN_IF_ERROR(SetSeconds("--backoff-min-s", flags.backoff_min_s,
                                  &pb::Subscription::mutable_backoff_min,
                                  subscription));
  TUCO_RETURN_IF_ERROR(SetSeconds("--backoff-max-s", flags.backoff_max_s,
                                  &pb::Subscription::mutable_backoff_max,
                                  subscription));
  TUCO_RETURN_IF_ERROR(SetSeconds("--expires-after-s", flags.expires_after_s,
                                  &pb::Subscription::mutable_expires_after,
                                  subscription));
  if (flags.max_deliveries.has_value()) {
    subscription.set_max_deliveries(*flags.max_deliveries);
  }
  if (flags.ordering_key == "lead") {
    subscription.set_ordering_key(pb::ORDERING_KEY_LEAD);
  } else if (flags.ordering_key == "phone") {
    subscription.set_ordering_key(pb::ORDERING_KEY_PHONE);
  }
  return request;
}

int PrintOne(const SubscriptionFlags& flags,
             const pb::Subscription& subscription, Output& output) {
  LinePrinter printer(output, "");
  printer.Print(flags.output == "json" ? proto::ToJson(subscription) + "\n"
                                       : SubscriptionDetails(subscription));
  return printer.ExitCode(kExitOk);
}

}  // namespace

int RunSubscriptionsList(const SubscriptionFlags& flags, Output& output,
                         Interrupt& interrupt) {
  const Connection server =
      ConnectToServer(flags.grpc, flags.credentials, interrupt);
  if (server.channel == nullptr) return server.exit_code;
  SubscriptionClient client(server.channel, interrupt);
  const bool json = flags.output == "json";
  LinePrinter printer(output, json ? "" : SubscriptionHeading());
  const grpc::Status status =
      client.List([&](const pb::Subscription& subscription) {
        return printer.Print(json ? proto::ToJson(subscription) + "\n"
                                  : SubscriptionLine(subscription));
      });
  if (!status.ok()) return client.FailCall(status);
  return printer.ExitCode(printer.printed() ? kExitOk : kExitNegative);
}

int RunSubscriptionsShow(const SubscriptionFlags& flags, Output& output,
                         Interrupt& interrupt) {
  const Connection server =
      ConnectToServer(flags.grpc, flags.credentials, interrupt);
  if (server.channel == nullptr) return server.exit_code;
  SubscriptionClient client(server.channel, interrupt);
  pb::Subscription subscription;
  const grpc::Status status = client.Get(flags.name, subscription);
  if (!status.ok()) return client.FailCall(status);
  return PrintOne(flags, subscription, output);
}

int RunSubscriptionsCreate(const SubscriptionCreateFlags& flags, Output& output,
                           Interrupt& interrupt) {
  const auto request = MakeCreateRequest(flags);
  if (!request.ok()) return Fail(kExitUsage, request.status());
  const Connection server =
      ConnectToServer(flags.common.grpc, flags.common.credentials, interrupt);
  if (server.channel == nullptr) return server.exit_code;
  SubscriptionClient client(server.channel, interrupt);
  pb::Subscription subscription;
  const grpc::Status status = client.Create(*request, subscription);
  if (!status.ok()) return client.FailCall(status);
  return PrintOne(flags.common, subscription, output);
}

int RunSubscriptionsReset(const SubscriptionResetFlags& flags, Output& output,
                          Interrupt& interrupt) {
  pb::SeekSubscriptionRequest request;
  request.set_name(flags.common.name);
  const absl::Status position = SetRequestPosition(flags.from, request);
  if (!position.ok()) return Fail(kExitUsage, position);
  const Connection server =
      ConnectToServer(flags.common.grpc, flags.common.credentials, interrupt);
  if (server.channel == nullptr) return server.exit_code;
  SubscriptionClient client(server.channel, interrupt);
  pb::Subscription subscription;
  const grpc::Status status = client.Seek(request, subscription);
  if (!status.ok()) return client.FailCall(status);
  return PrintOne(flags.common, subscription, output);
}

int RunSubscriptionsDelete(const SubscriptionFlags& flags, Output& /*output*/,
                           Interrupt& interrupt) {
  const Connection server =
      ConnectToServer(flags.grpc, flags.credentials, interrupt);
  if (server.channel == nullptr) return server.exit_code;
  SubscriptionClient client(server.channel, interrupt);
  const grpc::Status status = client.Delete(flags.name);
  return status.ok() ? kExitOk : client.FailCall(status);
}

int RunSubscriptionsParked(const SubscriptionFlags& flags, Output& output,
                           Interrupt& interrupt) {
  const Connection server =
      ConnectToServer(flags.grpc, flags.credentials, interrupt);
  if (server.channel == nullptr) return server.exit_code;
  SubscriptionClient client(server.channel, interrupt);
  const bool json = flags.output == "json";
  LinePrinter printer(output, json ? "" : ParkedHeading());
  const grpc::Status status =
      client.ListParked(flags.name, [&](const pb::ParkedEvent& parked) {
        return printer.Print(json ? proto::ToJson(parked) + "\n"
                                  : ParkedLine(parked));
      });
  if (!status.ok()) return client.FailCall(status);
  return printer.ExitCode(printer.printed() ? kExitOk : kExitNegative);
}

int RunSubscriptionsReplay(const SubscriptionReplayFlags& flags, Output& output,
                           Interrupt& interrupt) {
  if (flags.sequences.empty() && !flags.all) {
    return Fail(kExitUsage, "replay needs sequences, or --all");
  }
  const Connection server =
      ConnectToServer(flags.common.grpc, flags.common.credentials, interrupt);
  if (server.channel == nullptr) return server.exit_code;
  SubscriptionClient client(server.channel, interrupt);
  pb::ReplayParkedResponse response;
  const grpc::Status status =
      client.Replay(flags.common.name, flags.sequences, response);
  if (!status.ok()) return client.FailCall(status);
  for (const std::uint64_t sequence : response.not_parked()) {
    Notice(Concat({std::to_string(sequence), ": not parked"}));
  }
  LinePrinter printer(output, "");
  printer.Print(
      flags.common.output == "json"
          ? proto::ToJson(response) + "\n"
          : Concat({std::to_string(response.replayed()), " replayed\n"}));
  return printer.ExitCode(response.not_parked().empty() ? kExitOk
                                                        : kExitNegative);
}

}  // namespace tuco::cli

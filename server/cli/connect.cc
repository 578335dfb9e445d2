#include "server/cli/connect.h"

#include <algorithm>
#include <cstdlib>
#include <string>

#include "absl/strings/match.h"
#include "tuco/events/v1/event_service.grpc.pb.h"
#include "tuco/strings.h"

namespace tuco::cli {
namespace {

using Clock = std::chrono::system_clock;

// How often a wait for the server looks whether the user has had enough.
constexpr std::chrono::milliseconds kPatience{50};

// Connects unless connected and waits a little for the state to change, at
// most until `end`. The state afterwards.
grpc_connectivity_state WaitForChange(grpc::Channel& channel,
                                      Clock::time_point end) {
  const grpc_connectivity_state state =
      channel.GetState(/*try_to_connect=*/true);
  channel.WaitForStateChange(state, std::min(end, Clock::now() + kPatience));
  return channel.GetState(/*try_to_connect=*/false);
}

// Why a connection could not be made. gRPC tells only whoever makes a call.
absl::Status WhyNot(const std::shared_ptr<grpc::Channel>& channel) {
  grpc::ClientContext context;
  context.set_deadline(Clock::now() + kPatience);
  events::v1::GetStatusResponse response;
  const std::string message = events::v1::EventService::NewStub(channel)
                                  ->GetStatus(&context, {}, &response)
                                  .error_message();
  for (const char* const handshake :
       {"handshake", "Socket closed", "reset by peer", "Endpoint"}) {
    if (absl::StrContains(message, handshake)) {
      return absl::UnauthenticatedError(ToAbsl(message));
    }
  }
  return absl::UnavailableError("it refuses, or there is no such host");
}

}  // namespace

void UseSystemResolver() {
  ::setenv("GRPC_DNS_RESOLVER", "native", /*overwrite=*/0);
}

absl::Status Connect(const std::shared_ptr<grpc::Channel>& channel,
                     std::chrono::milliseconds timeout, Interrupt& interrupt) {
  const Clock::time_point deadline = Clock::now() + timeout;
  while (Clock::now() < deadline) {
    if (interrupt.raised()) return absl::CancelledError("interrupted");
    const grpc_connectivity_state state = WaitForChange(*channel, deadline);
    if (state == GRPC_CHANNEL_READY) return absl::OkStatus();
    if (state == GRPC_CHANNEL_TRANSIENT_FAILURE) {
      return WhyNot(channel);
    }
  }
  return absl::DeadlineExceededError("no answer in time");
}

}  // namespace tuco::cli

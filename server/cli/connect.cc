#include "server/cli/connect.h"

#include <algorithm>
#include <cstdlib>

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

}  // namespace

void UseSystemResolver() {
  ::setenv("GRPC_DNS_RESOLVER", "native", /*overwrite=*/0);
}

absl::Status Connect(grpc::Channel& channel, std::chrono::milliseconds timeout,
                     Interrupt& interrupt) {
  const Clock::time_point deadline = Clock::now() + timeout;
  while (Clock::now() < deadline) {
    if (interrupt.raised()) return absl::CancelledError("interrupted");
    const grpc_connectivity_state state = WaitForChange(channel, deadline);
    if (state == GRPC_CHANNEL_READY) return absl::OkStatus();
    if (state == GRPC_CHANNEL_TRANSIENT_FAILURE) {
      return absl::UnavailableError("it refuses, or there is no such host");
    }
  }
  return absl::DeadlineExceededError("no answer in time");
}

}  // namespace tuco::cli

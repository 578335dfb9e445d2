// How a command waits for its server.

#ifndef TUCO_SERVER_CLI_CONNECT_H_
#define TUCO_SERVER_CLI_CONNECT_H_

#include <grpcpp/channel.h>

#include <chrono>
#include <memory>

#include "absl/status/status.h"
#include "server/cli/interrupt.h"

namespace tuco::cli {

// Has host names looked up by the system, which knows /etc/hosts and whatever
// else this machine uses; gRPC's own resolver does not know all of it. Before
// gRPC starts.
void UseSystemResolver();

// Waits until `channel` is connected. Unavailable when nobody listens there,
// Unauthenticated when somebody does and the handshake failed,
// DeadlineExceeded when nothing is answered in time, Cancelled when
// interrupted.
absl::Status Connect(const std::shared_ptr<grpc::Channel>& channel,
                     std::chrono::milliseconds timeout, Interrupt& interrupt);

}  // namespace tuco::cli

#endif  // TUCO_SERVER_CLI_CONNECT_H_

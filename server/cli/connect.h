// How a command waits for its server.

#ifndef TUCO_SERVER_CLI_CONNECT_H_
#define TUCO_SERVER_CLI_CONNECT_H_

#include <grpcpp/channel.h>

#include <chrono>

#include "absl/status/status.h"
#include "server/cli/interrupt.h"

namespace tuco::cli {

// Has host names looked up by the system, which knows /etc/hosts and whatever
// else this machine uses; gRPC's own resolver does not know all of it. Before
// gRPC starts.
void UseSystemResolver();

// Waits until `channel` is connected. Unavailable when the server refuses,
// DeadlineExceeded when it does not answer in time, Cancelled when interrupted.
absl::Status Connect(grpc::Channel& channel, std::chrono::milliseconds timeout,
                     Interrupt& interrupt);

}  // namespace tuco::cli

#endif  // TUCO_SERVER_CLI_CONNECT_H_

// The connection of a command to a server.

#ifndef TUCO_SERVER_CLI_CHANNEL_H_
#define TUCO_SERVER_CLI_CHANNEL_H_

#include <grpcpp/channel.h>

#include <chrono>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "server/base/net_address.h"
#include "server/cli/interrupt.h"

namespace tuco::cli {

// What gRPC calls the address, such as `ipv4:127.0.0.1:50051`; host names are
// looked up by the system. InvalidArgument for what nobody can connect to.
absl::StatusOr<std::string> GrpcTarget(const base::NetAddress& address);

// A channel without encryption, not connected yet. InvalidArgument when `addr`
// is none.
absl::StatusOr<std::shared_ptr<grpc::Channel>> OpenChannel(
    const std::string& addr);

// Waits until `channel` is connected. Unavailable when the server refuses,
// DeadlineExceeded when it does not answer in time, Cancelled when interrupted.
absl::Status Connect(grpc::Channel& channel, std::chrono::milliseconds timeout,
                     Interrupt& interrupt);

// Lets the time pass, and `channel` connect meanwhile: it does so only while
// somebody waits for it. Whether the user interrupted.
bool Pause(grpc::Channel& channel, std::chrono::milliseconds time,
           const Interrupt& interrupt);

}  // namespace tuco::cli

#endif  // TUCO_SERVER_CLI_CHANNEL_H_

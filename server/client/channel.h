// Where a client finds a server.

#ifndef TUCO_SERVER_CLIENT_CHANNEL_H_
#define TUCO_SERVER_CLIENT_CHANNEL_H_

#include <grpcpp/channel.h>

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "server/base/net_address.h"
#include "server/client/credentials.h"

namespace tuco::client {

// What gRPC calls the address, such as `ipv4:127.0.0.1:50051`. InvalidArgument
// for what nobody can connect to.
absl::StatusOr<std::string> GrpcTarget(const base::NetAddress& address);

// A channel with a connection of its own, which is not made yet: two channels
// to one server never share one, so that a new channel is a way out of a
// connection that is dead. Every call on it shows the token of `credentials`.
// InvalidArgument when `address` is none, or another machine's that a token
// would reach unencrypted.
absl::StatusOr<std::shared_ptr<grpc::Channel>> OpenChannel(
    std::string_view address, const Credentials& credentials = {});

}  // namespace tuco::client

#endif  // TUCO_SERVER_CLIENT_CHANNEL_H_

// The gRPC listener: EventService, health and reflection.

#ifndef TUCO_SERVER_RPC_GRPC_SERVER_H_
#define TUCO_SERVER_RPC_GRPC_SERVER_H_

#include <chrono>
#include <memory>

#include "absl/status/statusor.h"
#include "server/base/net_address.h"

namespace grpc {
class Server;
class Service;
}  // namespace grpc

namespace tuco::rpc {

// Serves from its construction until Stop.
class GrpcServer {
 public:
  // Listens on `address` without encryption; whether that may be is the
  // configuration's business. Unavailable when the address cannot be bound.
  // `service` must outlive the server.
  static absl::StatusOr<std::unique_ptr<GrpcServer>> Listen(
      const base::NetAddress& address, grpc::Service& service);

  ~GrpcServer();
  GrpcServer(const GrpcServer&) = delete;
  GrpcServer& operator=(const GrpcServer&) = delete;

  // The address with the port that was really bound.
  const base::NetAddress& address() const { return address_; }

  // Takes no more calls, gives those under way `grace` to end, cancels the
  // rest, and returns when none is left.
  void Stop(std::chrono::milliseconds grace);

 private:
  GrpcServer(base::NetAddress address, std::unique_ptr<grpc::Server> server);

  const base::NetAddress address_;
  const std::unique_ptr<grpc::Server> server_;
};

}  // namespace tuco::rpc

#endif  // TUCO_SERVER_RPC_GRPC_SERVER_H_

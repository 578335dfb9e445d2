// The gRPC listener: EventService, health and reflection.

#ifndef TUCO_SERVER_RPC_GRPC_SERVER_H_
#define TUCO_SERVER_RPC_GRPC_SERVER_H_

#include <chrono>
#include <cstddef>
#include <memory>

#include "absl/status/statusor.h"
#include "server/base/listener.h"
#include "server/base/net_address.h"
#include "server/rpc/grpc_door.h"
#include "server/rpc/limits.h"
#include "server/rpc/server_certificates.h"

namespace grpc {
class Server;
class Service;
namespace experimental {
class ExternalConnectionAcceptor;
}  // namespace experimental
}  // namespace grpc

namespace tuco::rpc {

// Serves from its construction until Stop.
class GrpcServer {
 public:
  struct Options {
    std::size_t connections_max = kConnectionsMax;
    std::chrono::milliseconds connection_idle_max = kConnectionIdleMax;
    std::chrono::milliseconds connection_age_max = kConnectionAgeMax;
    // Without: no encryption. Must outlive the server, which reads them again
    // once they change.
    ServerCertificates* certificates = nullptr;
  };

  // Listens on `address`; whether that may be is the configuration's business.
  // The codes of base::Listener. `service` must outlive the server.
  static absl::StatusOr<std::unique_ptr<GrpcServer>> Listen(
      const base::NetAddress& address, grpc::Service& service,
      const Options& options);
  static absl::StatusOr<std::unique_ptr<GrpcServer>> Listen(
      const base::NetAddress& address, grpc::Service& service) {
    return Listen(address, service, Options());
  }
  // Likewise with a socket that listens already.
  static absl::StatusOr<std::unique_ptr<GrpcServer>> Serve(
      base::Listener listener, grpc::Service& service, const Options& options);

  ~GrpcServer();
  GrpcServer(const GrpcServer&) = delete;
  GrpcServer& operator=(const GrpcServer&) = delete;

  // The address with the port that was really bound.
  const base::NetAddress& address() const { return address_; }

  // How many connections are open. Safe for concurrent use.
  std::size_t connections() { return door_.connections(); }

  // Takes no more connections and calls, gives those under way `grace` to end,
  // cancels the rest, and returns when none is left.
  void Stop(std::chrono::milliseconds grace);

 private:
  using Acceptor = grpc::experimental::ExternalConnectionAcceptor;

  GrpcServer(base::Listener listener, const Options& options,
             std::unique_ptr<Acceptor> acceptor,
             std::unique_ptr<grpc::Server> server);

  const base::NetAddress address_;
  const std::unique_ptr<Acceptor> acceptor_;
  const std::unique_ptr<grpc::Server> server_;
  GrpcDoor door_;
};

}  // namespace tuco::rpc

#endif  // TUCO_SERVER_RPC_GRPC_SERVER_H_

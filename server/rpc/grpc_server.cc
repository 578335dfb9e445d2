#include "server/rpc/grpc_server.h"

#include <grpc/grpc.h>
#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/health_check_service_interface.h>
#include <sys/resource.h>

#include <algorithm>
#include <string>
#include <utility>

#include "server/base/status_macros.h"
#include "server/rpc/tls_credentials.h"
#include "tuco/events/v1/event_service.grpc.pb.h"
#include "tuco/strings.h"

namespace tuco::rpc {
namespace {

using Connections = grpc::ServerBuilder::experimental_type;

int ToMs(std::chrono::milliseconds time) {
  return static_cast<int>(time.count());
}

void SetLimits(const GrpcServer::Options& options,
               grpc::ServerBuilder& builder) {
  // A larger one is refused with RESOURCE_EXHAUSTED.
  builder.SetMaxReceiveMessageSize(kRequestBytesMax);
  const auto set = [&builder](const char* name, int value) {
    builder.AddChannelArgument(name, value);
  };
  set(GRPC_ARG_MAX_CONCURRENT_STREAMS, kConcurrentStreamsMax);
  set(GRPC_ARG_KEEPALIVE_TIME_MS, ToMs(kKeepaliveTime));
  set(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, ToMs(kKeepaliveTimeout));
  set(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  set(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS,
      ToMs(kClientPingIntervalMin));
  set(GRPC_ARG_SERVER_HANDSHAKE_TIMEOUT_MS, ToMs(kHandshakeTimeout));
  set(GRPC_ARG_MAX_CONNECTION_IDLE_MS, ToMs(options.connection_idle_max));
  set(GRPC_ARG_MAX_CONNECTION_AGE_MS, ToMs(options.connection_age_max));
  set(GRPC_ARG_MAX_CONNECTION_AGE_GRACE_MS, ToMs(kConnectionAgeGrace));
}

// How many connections there may be, `wanted` or fewer, so that the log and the
// ingress have descriptors whatever comes. Raises the process's soft limit of
// them as far as that needs and the hard one goes.
std::size_t AffordableConnections(std::size_t wanted) {
  constexpr rlim_t kShare = 4;
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return wanted;
  const rlim_t needed = wanted * kShare;
  if (limit.rlim_cur < needed) {
    const rlimit raised{std::min(needed, limit.rlim_max), limit.rlim_max};
    if (::setrlimit(RLIMIT_NOFILE, &raised) == 0) limit = raised;
  }
  return std::clamp<rlim_t>(limit.rlim_cur / kShare, 1, wanted);
}

std::shared_ptr<grpc::ServerCredentials> CredentialsFrom(
    const GrpcServer::Options& options) {
  return options.certificates == nullptr
             ? grpc::InsecureServerCredentials()
             : MakeTlsCredentials(*options.certificates);
}

}  // namespace

GrpcServer::GrpcServer(base::Listener listener, const Options& options,
                       std::unique_ptr<Acceptor> acceptor,
                       std::unique_ptr<grpc::Server> server)
    : address_(listener.address()),
      acceptor_(std::move(acceptor)),
      server_(std::move(server)),
      door_(std::move(listener),
            {.connections_max = AffordableConnections(options.connections_max),
             .hand_over = [this](int descriptor) {
               Acceptor::NewConnectionParameters connection;
               connection.fd = descriptor;
               acceptor_->HandleNewConnection(&connection);
             }}) {
  door_.Start();
}

GrpcServer::~GrpcServer() { Stop(std::chrono::milliseconds(0)); }

absl::StatusOr<std::unique_ptr<GrpcServer>> GrpcServer::Listen(
    const base::NetAddress& address, grpc::Service& service,
    const Options& options) {
  TUCO_ASSIGN_OR_RETURN(base::Listener listener, base::Listener::Open(address));
  return Serve(std::move(listener), service, options);
}

absl::StatusOr<std::unique_ptr<GrpcServer>> GrpcServer::Serve(
    base::Listener listener, grpc::Service& service, const Options& options) {
  // Never paired with a shutdown: that of gRPC 1.51 waits for a thread that
  // may sleep for ten seconds, and the process ends right behind it anyway.
  grpc_init();
  grpc::EnableDefaultHealthCheckService(true);
  grpc::reflection::InitProtoReflectionServerBuilderPlugin();
  grpc::ServerBuilder builder;
  SetLimits(options, builder);
  std::unique_ptr<Acceptor> acceptor =
      builder.experimental().AddExternalConnectionAcceptor(
          Connections::ExternalConnectionType::FROM_FD,
          CredentialsFrom(options));
  builder.RegisterService(&service);
  std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  if (server == nullptr) {
    return absl::UnavailableError(
        Concat({"cannot serve gRPC on ", listener.address().ToString()}));
  }
  // Health checks may ask for the service by its name as well.
  server->GetHealthCheckService()->SetServingStatus(
      events::v1::EventService::service_full_name(), true);
  return std::unique_ptr<GrpcServer>(new GrpcServer(
      std::move(listener), options, std::move(acceptor), std::move(server)));
}

void GrpcServer::Stop(std::chrono::milliseconds grace) {
  door_.Close();  // What it hands over to a server that is down would leak.
  server_->Shutdown(std::chrono::system_clock::now() + grace);
  server_->Wait();
}

}  // namespace tuco::rpc

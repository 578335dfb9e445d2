#include "server/rpc/grpc_server.h"

#include <grpc/grpc.h>
#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/health_check_service_interface.h>

#include <string>
#include <utility>

#include "server/rpc/limits.h"
#include "tuco/events/v1/event_service.grpc.pb.h"
#include "tuco/strings.h"

namespace tuco::rpc {
namespace {

constexpr int kConcurrentStreamsMax = 100;
constexpr int kKeepaliveTimeMs = 30'000;
constexpr int kKeepaliveTimeoutMs = 10'000;
constexpr int kClientPingIntervalMinMs = 10'000;

std::string ListeningUri(const base::NetAddress& address) {
  return address.kind == base::NetAddress::Kind::kUnix
             ? Concat({"unix:", address.path})
             : address.ToString();
}

void SetLimits(grpc::ServerBuilder& builder) {
  // A larger one is refused with RESOURCE_EXHAUSTED.
  builder.SetMaxReceiveMessageSize(kRequestBytesMax);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS,
                             kConcurrentStreamsMax);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, kKeepaliveTimeMs);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS,
                             kKeepaliveTimeoutMs);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  builder.AddChannelArgument(
      GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS,
      kClientPingIntervalMinMs);
  // Otherwise a second server would share the port in silence.
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
}

}  // namespace

GrpcServer::GrpcServer(base::NetAddress address,
                       std::unique_ptr<grpc::Server> server)
    : address_(std::move(address)), server_(std::move(server)) {}

GrpcServer::~GrpcServer() { Stop(std::chrono::milliseconds(0)); }

absl::StatusOr<std::unique_ptr<GrpcServer>> GrpcServer::Listen(
    const base::NetAddress& address, grpc::Service& service) {
  // Never paired with a shutdown: that of gRPC 1.51 waits for a thread that
  // may sleep for ten seconds, and the process ends right behind it anyway.
  grpc_init();
  grpc::EnableDefaultHealthCheckService(true);
  grpc::reflection::InitProtoReflectionServerBuilderPlugin();
  grpc::ServerBuilder builder;
  SetLimits(builder);
  int port = 0;
  builder.AddListeningPort(ListeningUri(address),
                           grpc::InsecureServerCredentials(), &port);
  builder.RegisterService(&service);
  std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  if (server == nullptr) {
    return absl::UnavailableError(
        Concat({"cannot listen on ", address.ToString(),
                ": the address is in use or not one of this machine"}));
  }
  // Health checks may ask for the service by its name as well.
  server->GetHealthCheckService()->SetServingStatus(
      events::v1::EventService::service_full_name(), true);
  base::NetAddress bound = address;
  if (bound.kind == base::NetAddress::Kind::kTcp) {
    bound.port = static_cast<std::uint16_t>(port);
  }
  return std::unique_ptr<GrpcServer>(
      new GrpcServer(std::move(bound), std::move(server)));
}

void GrpcServer::Stop(std::chrono::milliseconds grace) {
  server_->Shutdown(std::chrono::system_clock::now() + grace);
  server_->Wait();
}

}  // namespace tuco::rpc

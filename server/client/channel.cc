#include "server/client/channel.h"

#include <arpa/inet.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/support/client_interceptor.h>

#include <chrono>
#include <utility>
#include <vector>

#include "server/base/status_macros.h"
#include "tuco/strings.h"

namespace tuco::client {
namespace {

// A connection that died without a word is found out by a ping. The server's
// gRPC takes one in 5 minutes without complaint, by default.
constexpr std::chrono::milliseconds kPingEvery = std::chrono::minutes(6);
constexpr std::chrono::milliseconds kPingTimeout = std::chrono::seconds(20);

// A single event may exceed what a batch is limited to: its body is as large
// as the endpoint was configured to take.
constexpr int kReceiveBytesMax = 64 << 20;

bool IsLiteral(int family, const std::string& host) {
  in6_addr address;  // The larger of the two.
  return ::inet_pton(family, host.c_str(), &address) == 1;
}

int ToInt(std::chrono::milliseconds time) {
  return static_cast<int>(time.count());
}

grpc::ChannelArguments Arguments(bool is_local) {
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(kReceiveBytesMax);
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, ToInt(kPingEvery));
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, ToInt(kPingTimeout));
  arguments.SetInt(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
  // The caller backs off itself; gRPC's own up to 2 minutes would add to it.
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 100);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 5000);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 1000);
  // A proxy of the environment cannot reach this machine for us.
  if (is_local) arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  return arguments;
}

std::shared_ptr<grpc::ChannelCredentials> ToGrpc(
    const Credentials& credentials) {
  if (!credentials.encrypts()) return grpc::InsecureChannelCredentials();
  grpc::SslCredentialsOptions options;
  options.pem_root_certs = credentials.tls.authorities;
  options.pem_private_key = credentials.tls.key;
  options.pem_cert_chain = credentials.tls.certificate;
  return grpc::SslCredentials(options);
}

using Interceptors = grpc::experimental::ClientInterceptorFactoryInterface;

// Adds the token to a call. gRPC's own credentials of calls would refuse to
// where there is no encryption, as between processes of one machine.
class TokenInterceptor final : public grpc::experimental::Interceptor {
 public:
  explicit TokenInterceptor(const std::string& value) : value_(value) {}

  void Intercept(grpc::experimental::InterceptorBatchMethods* call) override {
    if (call->QueryInterceptionHookPoint(
            grpc::experimental::InterceptionHookPoints::
                PRE_SEND_INITIAL_METADATA)) {
      call->GetSendInitialMetadata()->emplace("authorization", value_);
    }
    call->Proceed();
  }

 private:
  const std::string& value_;  // The factory's, which outlives every call.
};

class TokenInterceptors final : public Interceptors {
 public:
  explicit TokenInterceptors(const std::string& token)
      : value_(Concat({"Bearer ", token})) {}

  grpc::experimental::Interceptor* CreateClientInterceptor(
      grpc::experimental::ClientRpcInfo* /*info*/) override {
    return new TokenInterceptor(value_);
  }

 private:
  const std::string value_;
};

}  // namespace

absl::StatusOr<std::string> GrpcTarget(const base::NetAddress& address) {
  if (address.kind == base::NetAddress::Kind::kUnix) {
    return "unix:" + address.path;
  }
  if (address.off() || address.port == 0) {
    return absl::InvalidArgumentError(
        Concat({address.ToString(),
                ": nothing to connect to; expected host:port or unix:PATH"}));
  }
  const std::string port = std::to_string(address.port);
  if (IsLiteral(AF_INET, address.host)) {
    return Concat({"ipv4:", address.host, ":", port});
  }
  if (IsLiteral(AF_INET6, address.host)) {
    return Concat({"ipv6:[", address.host, "]:", port});
  }
  return Concat({"dns:///", address.host, ":", port});
}

absl::StatusOr<std::shared_ptr<grpc::Channel>> OpenChannel(
    std::string_view address, const Credentials& credentials) {
  TUCO_ASSIGN_OR_RETURN(const base::NetAddress parsed,
                        base::ParseNetAddress(address));
  TUCO_ASSIGN_OR_RETURN(const std::string target, GrpcTarget(parsed));
  if (!credentials.token.empty() && !credentials.encrypts() &&
      !parsed.IsLocal()) {
    return absl::InvalidArgumentError(
        Concat({address,
                ": a token would get there unencrypted; expected an "
                "address of this machine, or the authorities of the "
                "server's certificate"}));
  }
  std::vector<std::unique_ptr<Interceptors>> interceptors;
  if (!credentials.token.empty()) {
    interceptors.push_back(
        std::make_unique<TokenInterceptors>(credentials.token));
  }
  return grpc::experimental::CreateCustomChannelWithInterceptors(
      target, ToGrpc(credentials), Arguments(parsed.IsLocal()),
      std::move(interceptors));
}

}  // namespace tuco::client

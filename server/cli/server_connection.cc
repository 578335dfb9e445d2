#include "server/cli/server_connection.h"

#include <chrono>
#include <string_view>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "server/cli/connect.h"
#include "server/cli/console.h"
#include "server/cli/environment.h"
#include "server/client/channel.h"
#include "tuco/strings.h"

namespace tuco::cli {
namespace {

constexpr std::chrono::seconds kConnectTimeout{5};
constexpr const char* kDefaultGrpc = "127.0.0.1:50051";

constexpr std::string_view kAdvice =
    "is the server running there (serve --grpc), and is --grpc or "
    "TUCO_EVENTS_GRPC right?";

constexpr std::string_view kAdviceEncrypted =
    "is the server's certificate one of --tls-ca for that name, and does it "
    "want one of ours (--tls-cert, --tls-key)?";
constexpr std::string_view kAdvicePlain =
    "does the server want encryption (--tls-ca)?";

std::string ServerAddress(const std::string& grpc) {
  if (!grpc.empty()) return grpc;
  return ProcessEnvironment()("TUCO_EVENTS_GRPC").value_or(kDefaultGrpc);
}

Connection Without(int exit_code) { return {.exit_code = exit_code}; }

int FailAddress(const absl::Status& status) {
  return Fail(kExitUsage, Concat({"--grpc ", FromAbsl(status.message()),
                                  absl::StrContains(status.message(), "token")
                                      ? " (--tls-ca)"
                                      : ""}));
}

int FailCredentials(const absl::Status& status) {
  return Fail(kExitUsage,
              Concat({"--token-file, --tls-ca, --tls-cert and --tls-key: ",
                      FromAbsl(status.message())}));
}

int FailConnect(const Connection& server, const absl::Status& status) {
  const bool answers = absl::IsUnauthenticated(status);
  const std::string_view advice = !answers ? kAdvice
                                  : server.credentials.encrypts()
                                      ? kAdviceEncrypted
                                      : kAdvicePlain;
  return Fail(kExitConnect, Concat({"cannot connect to ", server.address, ": ",
                                    FromAbsl(status.message()), "; ", advice}));
}

}  // namespace

void AddServerFlags(Command command, std::string& grpc,
                    client::CredentialFiles& credentials) {
  const auto add_file = [&command](const char* name, std::string& path,
                                   const char* help) {
    command.AddOption(name, path, help).HelpText("FILE");
  };
  add_file("--token-file", credentials.token,
           "The token to show, alone in its file");
  add_file("--tls-ca", credentials.tls.authorities,
           "PEM: who must have signed the server's certificate; without, there "
           "is no encryption");
  add_file("--tls-cert", credentials.tls.certificate,
           "PEM: the certificate to show, if the server wants one");
  add_file("--tls-key", credentials.tls.key, "PEM: its key");
  command.AddOption(
      "--grpc", grpc,
      "The server's address: host:port, [v6]:port or unix:PATH; else "
      "TUCO_EVENTS_GRPC, else 127.0.0.1:50051");
}

Connection ConnectToServer(const std::string& grpc,
                           const client::CredentialFiles& files,
                           Interrupt& interrupt) {
  UseSystemResolver();
  Connection server{.address = ServerAddress(grpc)};
  absl::StatusOr<client::Credentials> credentials =
      client::ReadCredentials(files);
  if (!credentials.ok()) return Without(FailCredentials(credentials.status()));
  server.credentials = *std::move(credentials);
  const auto channel = client::OpenChannel(server.address, server.credentials);
  if (!channel.ok()) return Without(FailAddress(channel.status()));
  const absl::Status connected = Connect(*channel, kConnectTimeout, interrupt);
  if (absl::IsCancelled(connected)) return Without(interrupt.exit_code());
  if (!connected.ok()) return Without(FailConnect(server, connected));
  server.channel = *channel;
  return server;
}

int FailCall(const grpc::Status& status, const Interrupt& interrupt) {
  if (interrupt.raised()) return interrupt.exit_code();
  switch (status.error_code()) {
    case grpc::StatusCode::NOT_FOUND:
    case grpc::StatusCode::ALREADY_EXISTS:
      return Fail(kExitNegative, status.error_message());
    case grpc::StatusCode::INVALID_ARGUMENT:
    case grpc::StatusCode::FAILED_PRECONDITION:
    case grpc::StatusCode::OUT_OF_RANGE:
      return Fail(kExitUsage, status.error_message());
    case grpc::StatusCode::DATA_LOSS:
    case grpc::StatusCode::RESOURCE_EXHAUSTED:
      return Fail(kExitStorage, status.error_message());
    case grpc::StatusCode::UNIMPLEMENTED:
      return Fail(
          kExitConnect,
          "the server has no such call: is it older than this program?");
    case grpc::StatusCode::UNAUTHENTICATED:
    case grpc::StatusCode::PERMISSION_DENIED:
      return Fail(kExitConnect,
                  Concat({"the server does not let us: ",
                          status.error_message(), " (--token-file)"}));
    default:
      return Fail(kExitConnect,
                  Concat({"lost the server: ", status.error_message()}));
  }
}

}  // namespace tuco::cli

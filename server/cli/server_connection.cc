#include "server/cli/server_connection.h"

#include <CLI/CLI.hpp>
#include <chrono>
#include <string_view>

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

std::string ServerAddress(const std::string& grpc) {
  if (!grpc.empty()) return grpc;
  return ProcessEnvironment()("TUCO_EVENTS_GRPC").value_or(kDefaultGrpc);
}

Connection Without(int exit_code) { return {.exit_code = exit_code}; }

int FailAddress(const absl::Status& status) {
  return Fail(kExitUsage, Concat({"--grpc ", FromAbsl(status.message())}));
}

int FailConnect(const std::string& address, const absl::Status& status) {
  return Fail(kExitConnect,
              Concat({"cannot connect to ", address, ": ",
                      FromAbsl(status.message()), "; ", kAdvice}));
}

}  // namespace

void AddServerFlag(CLI::App& command, std::string& grpc) {
  command.add_option(
      "--grpc", grpc,
      "The server's address: host:port, [v6]:port or unix:PATH; else "
      "TUCO_EVENTS_GRPC, else 127.0.0.1:50051");
}

Connection ConnectToServer(const std::string& grpc, Interrupt& interrupt) {
  const std::string address = ServerAddress(grpc);
  UseSystemResolver();
  const auto channel = client::OpenChannel(address);
  if (!channel.ok()) return Without(FailAddress(channel.status()));
  const absl::Status connected = Connect(**channel, kConnectTimeout, interrupt);
  if (absl::IsCancelled(connected)) return Without(interrupt.exit_code());
  if (!connected.ok()) return Without(FailConnect(address, connected));
  return {.channel = *channel, .address = address};
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
    default:
      return Fail(kExitConnect,
                  Concat({"lost the server: ", status.error_message()}));
  }
}

}  // namespace tuco::cli

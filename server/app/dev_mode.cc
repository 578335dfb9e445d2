#include "server/app/dev_mode.h"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

#include "server/app/serve_config.h"
#include "server/base/posix_file_system.h"
#include "server/base/private_directory.h"
#include "server/base/status_macros.h"
#include "server/cli/delivery_maker.h"
#include "server/cli/secret_new.h"
#include "tuco/event_id.h"
#include "tuco/hmac_sha256.h"
#include "tuco/signature_verifier.h"
#include "tuco/strings.h"

namespace tuco::app {
namespace {

// What a client on this machine reaches a listener by.
base::NetAddress ClientAddress(base::NetAddress address) {
  if (address.host == "0.0.0.0") address.host = "127.0.0.1";
  if (address.host == "::") address.host = "::1";
  return address;
}

// `text` as one word of a POSIX shell, in quotes.
std::string ShellQuote(std::string_view text) {
  std::string quoted = "'";
  for (const char c : text) {
    if (c == '\'') {
      quoted += "'\\''";
    } else {
      quoted += c;
    }
  }
  return quoted + "'";
}

// Whether a shell reads `c` as itself.
bool IsPlain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         (c >= '0' && c <= '9') ||
         std::string_view("_-./:@%+,=").find(c) != std::string_view::npos;
}

// `text` as one word of a POSIX shell, as it is where it can stand so.
std::string ShellWord(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), IsPlain)
             ? std::string(text)
             : ShellQuote(text);
}

// The certificate is hardly made out to this machine's own address: -k.
std::string CurlTarget(const base::NetAddress& address, bool https,
                       std::string_view endpoint) {
  const std::string_view flag = https ? "-k " : "";
  const std::string_view scheme = https ? "https://" : "http://";
  if (address.kind == base::NetAddress::Kind::kUnix) {
    return Concat({flag, "--unix-socket ", ShellWord(address.path), " ", scheme,
                   "localhost/webhooks/", endpoint});
  }
  const std::string url = Concat(
      {scheme, ClientAddress(address).ToString(), "/webhooks/", endpoint});
  return Concat({flag, ShellWord(url)});
}

absl::StatusOr<std::string> CurlCommand(
    const std::string& target, const receiver::EndpointConfig& endpoint,
    Timestamp now) {
  TUCO_ASSIGN_OR_RETURN(const cli::DeliveryKind kind, cli::ChooseKind("", ""));
  TUCO_ASSIGN_OR_RETURN(
      const cli::Delivery delivery,
      cli::MakeDelivery({kind, now, cli::NewMessageId(now), {}}));
  TUCO_ASSIGN_OR_RETURN(const std::string signature,
                        Sign(delivery.body, endpoint.secrets.front().text));
  return Concat({"curl -sS ", target,
                 " -H 'Content-Type: application/json' -H 'X-Tuco-Event: ",
                 delivery.event, "' -H 'X-Tuco-Timestamp: ", delivery.timestamp,
                 "' -H 'X-Tuco-Signature: ", signature, "' --data-binary ",
                 ShellQuote(delivery.body)});
}

std::string TailCommand(const base::NetAddress& address,
                        std::string_view program) {
  const std::string target = ClientAddress(address).ToString();
  std::string tail = Concat({ShellWord(program), " tail --from earliest"});
  if (target == kGrpcDefault) return tail;
  return Concat({tail, " --grpc ", ShellWord(target)});
}

}  // namespace

absl::StatusOr<EndpointSettings> DevEndpoint(const std::string& data) {
  base::PosixFileSystem files;
  TUCO_RETURN_IF_ERROR(base::MakePrivateDirectory(files, data));
  SecretConfig secret;
  secret.name = "dev";
  secret.file = Concat({data, "/dev-secret"});
  std::error_code error;
  if (!std::filesystem::exists(secret.file, error)) {
    std::string text = cli::NewSecret();
    const absl::Status written = cli::WriteSecretFile(secret.file, text);
    SecureWipe(text.data(), text.size());
    TUCO_RETURN_IF_ERROR(written);
  }
  EndpointSettings endpoint;
  endpoint.name = kDefaultEndpoint;
  endpoint.secrets.push_back(std::move(secret));
  return endpoint;
}

absl::StatusOr<std::string> DevGuide(const DevListeners& listeners,
                                     const receiver::EndpointConfig& endpoint,
                                     std::string_view program, Timestamp now) {
  const BoundAddresses& addresses = listeners.addresses;
  std::string guide;
  if (!addresses.http.off()) {
    const std::string target =
        CurlTarget(addresses.http, listeners.https, endpoint.name);
    TUCO_ASSIGN_OR_RETURN(const std::string curl,
                          CurlCommand(target, endpoint, now));
    guide += Concat({"Post a signed delivery:\n\n  ", curl, "\n\n"});
  }
  if (!addresses.grpc.off()) {
    guide += Concat(
        {"See it arrive:\n\n  ", TailCommand(addresses.grpc, program), "\n\n"});
  }
  return guide;
}

}  // namespace tuco::app

// From what the flags, the environment and the file say to what a server
// does: each setting from the first source that has it, checked.

#ifndef TUCO_SERVER_APP_SERVE_CONFIG_H_
#define TUCO_SERVER_APP_SERVE_CONFIG_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "server/app/config.h"
#include "server/base/net_address.h"
#include "server/base/tls_files.h"
#include "server/cli/environment.h"
#include "server/http/trusted_peers.h"
#include "server/log/quarantine_book.h"
#include "server/log/upkeep.h"

namespace tuco::app {

inline constexpr char kHttpDefault[] = "0.0.0.0:8080";
inline constexpr char kGrpcDefault[] = "127.0.0.1:50051";
inline constexpr char kAdminDefault[] = "127.0.0.1:9464";
inline constexpr char kDataDefault[] = "./data";

// A server's configuration, complete but for the secrets' texts.
struct ServeConfig {
  base::NetAddress http;
  base::NetAddress grpc;
  base::NetAddress admin;
  bool grpc_insecure_bind = false;
  base::TlsPaths grpc_tls;      // All empty: gRPC is not encrypted.
  std::string grpc_token_file;  // Empty: gRPC takes calls without a token.
  std::string data;
  std::string log_directory;
  std::size_t body_bytes_max = kBodyBytesDefault;
  std::optional<base::TlsPaths> http_tls;  // None: plain HTTP.
  http::TrustedPeers trusted_peers;
  bool proxy_protocol = false;
  std::string spool_directory;  // Empty: there is no spool.
  std::uint64_t spool_bytes_max = kSpoolBytesDefault;
  std::optional<std::uint64_t> reserve_bytes;
  log::Upkeep::Options upkeep;
  log::QuarantineLimits quarantine;
  std::vector<EndpointSettings> endpoints;
};

// What TUCO_EVENTS_HTTP, TUCO_EVENTS_GRPC, TUCO_EVENTS_ADMIN,
// TUCO_EVENTS_DATA, TUCO_EVENTS_LOG and TUCO_WEBHOOK_SECRET(_FILE) say. The
// last two make endpoint `tuco` with a secret named `main`. InvalidArgument
// for an address that is none.
absl::StatusOr<Settings> SettingsFromEnvironment(
    const cli::Environment& environment);

// Every setting from the first of `sources` that has it, else its default.
// InvalidArgument: a log that cannot be had, a part of a certificate, or gRPC
// on an address that other machines reach without asking them for a certificate
// or `insecure_bind`.
absl::StatusOr<ServeConfig> Resolve(const std::vector<Settings>& sources);

}  // namespace tuco::app

#endif  // TUCO_SERVER_APP_SERVE_CONFIG_H_

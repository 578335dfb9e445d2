// What a server is told: where to listen, where to keep its log, whose
// deliveries to take.

#ifndef TUCO_SERVER_APP_CONFIG_H_
#define TUCO_SERVER_APP_CONFIG_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "server/base/net_address.h"
#include "server/http/trusted_peers.h"
#include "tuco/signature_verifier.h"

namespace tuco::app {

inline constexpr std::size_t kBodyBytesDefault = 256UL * 1024;
inline constexpr std::size_t kBodyBytesMin = 1024;
inline constexpr std::size_t kBodyBytesMax = 1024UL * 1024;
inline constexpr std::int64_t kToleranceDefaultSeconds = 300;
inline constexpr std::int64_t kToleranceMaxSeconds = 30L * 86'400;
inline constexpr std::size_t kSecretBytesMin = 16;

inline constexpr std::int64_t kDaysMax = 36'500;
inline constexpr std::int64_t kWindowDefaultDays = 30;
// A smaller log is no log.
inline constexpr std::int64_t kLogBytesMin = 64L * 1024 * 1024;
inline constexpr std::int64_t kBytesMax = std::int64_t{1} << 60;
inline constexpr std::int64_t kSpoolBytesMin = 16L * 1024 * 1024;
inline constexpr std::int64_t kSpoolBytesDefault = 1024L * 1024 * 1024;
inline constexpr std::int64_t kQuarantineEntriesDefault = 100'000;
inline constexpr std::int64_t kQuarantineEntriesMax = 10'000'000;
inline constexpr std::int64_t kQuarantineBytesDefault = 256L * 1024 * 1024;
inline constexpr std::int64_t kVerifiedEntriesDefault = 10'000;

// Where a secret is, and whether it still counts.
struct SecretConfig {
  std::string name;
  // Exactly one of these is set.
  std::string file{};
  std::string env{};
  std::string credential{};  // A file in $CREDENTIALS_DIRECTORY.
  bool active = true;        // A revoked one never verifies.
};

// One [[endpoint]].
struct EndpointSettings {
  std::string name;
  std::chrono::seconds tolerance{kToleranceDefaultSeconds};
  std::vector<std::string> workspaces;
  VerifyMode mode = VerifyMode::kAuto;
  std::optional<std::size_t> body_bytes_max;
  bool allow_short_secret = false;
  std::vector<SecretConfig> secrets;
};

// What one source (the file, the environment, the flags) says; what it does
// not say is left to the next one.
struct Settings {
  std::optional<base::NetAddress> http;
  std::optional<base::NetAddress> grpc;
  std::optional<base::NetAddress> admin;
  std::optional<std::string> data;
  std::optional<std::string> log_url;
  std::optional<bool> grpc_insecure_bind;
  std::optional<std::string> grpc_tls_cert;
  std::optional<std::string> grpc_tls_key;
  std::optional<std::string> grpc_tls_client_ca;
  std::optional<std::string> grpc_token_file;
  std::optional<std::size_t> body_bytes_max;
  std::optional<std::string> http_tls_cert;  // With the key, or neither.
  std::optional<std::string> http_tls_key;
  std::optional<http::TrustedPeers> trusted_peers;
  std::optional<bool> proxy_protocol;  // True: with trusted_peers only.
  std::optional<std::string> spool_dir;
  std::optional<std::int64_t> spool_bytes_max;
  std::optional<std::int64_t> reserve_bytes;
  std::optional<std::int64_t> window_days;
  std::optional<std::int64_t> max_age_days;
  std::optional<std::int64_t> log_bytes_max;
  std::optional<std::int64_t> quarantine_entries_max;
  std::optional<std::int64_t> quarantine_bytes_max;
  std::optional<std::int64_t> verified_entries_max;
  std::vector<EndpointSettings> endpoints;
};

}  // namespace tuco::app

#endif  // TUCO_SERVER_APP_CONFIG_H_

#include "server/app/grpc_access.h"

#include "absl/status/status.h"
#include "server/app/token_file.h"
#include "server/base/status_macros.h"
#include "tuco/strings.h"

namespace tuco::app {
namespace {

absl::StatusOr<std::unique_ptr<rpc::ServerCertificates>> LoadCertificates(
    const base::TlsPaths& paths) {
  if (paths.certificate.empty()) return nullptr;
  absl::StatusOr<std::unique_ptr<rpc::ServerCertificates>> loaded =
      rpc::ServerCertificates::Load(paths);
  if (loaded.ok()) return loaded;
  return absl::InvalidArgumentError(
      Concat({"TLS of [grpc]: ", FromAbsl(loaded.status().message())}));
}

absl::StatusOr<std::unique_ptr<rpc::Tokens>> LoadTokens(
    const std::string& path, const base::Clock& clock) {
  if (path.empty()) return nullptr;
  return rpc::Tokens::Create([path] { return LoadTokenFile(path); }, clock);
}

}  // namespace

absl::StatusOr<GrpcAccess> LoadGrpcAccess(const ServeConfig& config,
                                          const base::Clock& clock) {
  GrpcAccess access;
  TUCO_ASSIGN_OR_RETURN(access.certificates, LoadCertificates(config.grpc_tls));
  TUCO_ASSIGN_OR_RETURN(access.tokens,
                        LoadTokens(config.grpc_token_file, clock));
  return access;
}

}  // namespace tuco::app

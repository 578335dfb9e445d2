#include "server/app/grpc_access.h"

#include "absl/status/status.h"
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

}  // namespace

absl::StatusOr<GrpcAccess> LoadGrpcAccess(const ServeConfig& config) {
  GrpcAccess access;
  TUCO_ASSIGN_OR_RETURN(access.certificates, LoadCertificates(config.grpc_tls));
  return access;
}

}  // namespace tuco::app

// What decides who may use gRPC: the files that [grpc] names, read.

#ifndef TUCO_SERVER_APP_GRPC_ACCESS_H_
#define TUCO_SERVER_APP_GRPC_ACCESS_H_

#include <memory>

#include "absl/status/statusor.h"
#include "server/app/serve_config.h"
#include "server/rpc/server_certificates.h"

namespace tuco::app {

// Movable.
struct GrpcAccess {
  // Null: no encryption.
  std::unique_ptr<rpc::ServerCertificates> certificates;
};

// InvalidArgument, with the key at fault: a file that cannot be read, or is not
// what it should be.
absl::StatusOr<GrpcAccess> LoadGrpcAccess(const ServeConfig& config);

}  // namespace tuco::app

#endif  // TUCO_SERVER_APP_GRPC_ACCESS_H_

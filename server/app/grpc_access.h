// What decides who may use gRPC: the files that [grpc] names, read.

#ifndef TUCO_SERVER_APP_GRPC_ACCESS_H_
#define TUCO_SERVER_APP_GRPC_ACCESS_H_

#include <memory>

#include "absl/status/statusor.h"
#include "server/app/serve_config.h"
#include "server/base/clock.h"
#include "server/rpc/server_certificates.h"
#include "server/rpc/tokens.h"

namespace tuco::app {

// Movable.
struct GrpcAccess {
  // Null: no encryption.
  std::unique_ptr<rpc::ServerCertificates> certificates;
  // Null: who calls needs no token.
  std::unique_ptr<rpc::Tokens> tokens;
};

// InvalidArgument, with the key at fault: a file that cannot be read, or is not
// what it should be.
// `clock` must outlive it.
absl::StatusOr<GrpcAccess> LoadGrpcAccess(const ServeConfig& config,
                                          const base::Clock& clock);

}  // namespace tuco::app

#endif  // TUCO_SERVER_APP_GRPC_ACCESS_H_

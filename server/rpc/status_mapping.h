// The one table between our statuses and gRPC's.

#ifndef TUCO_SERVER_RPC_STATUS_MAPPING_H_
#define TUCO_SERVER_RPC_STATUS_MAPPING_H_

#include <grpcpp/support/status.h>

#include "absl/status/status.h"

namespace tuco::rpc {

// The same code and message; payloads become `google.rpc` details.
grpc::Status ToGrpcStatus(const absl::Status& status);

}  // namespace tuco::rpc

#endif  // TUCO_SERVER_RPC_STATUS_MAPPING_H_

#include "server/rpc/status_mapping.h"

#include <string>

#include "proto/status_details.h"
#include "tuco/strings.h"

namespace tuco::rpc {

grpc::Status ToGrpcStatus(const absl::Status& status) {
  // Abseil's canonical codes are gRPC's, number by number.
  return {static_cast<grpc::StatusCode>(status.raw_code()),
          std::string(FromAbsl(status.message())),
          proto::SerializeDetails(status)};
}

}  // namespace tuco::rpc

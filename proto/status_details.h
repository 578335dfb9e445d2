// Details for programs that an absl::Status carries from where an error is
// found to the edge: its payloads are the `details` of google.rpc.Status.

#ifndef TUCO_PROTO_STATUS_DETAILS_H_
#define TUCO_PROTO_STATUS_DETAILS_H_

#include <map>
#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace tuco::proto {

// Adds a google.rpc.ErrorInfo of domain `tuco.events.v1` to `status`.
void AddErrorInfo(std::string_view reason,
                  const std::map<std::string, std::string>& metadata,
                  absl::Status& status);

// InvalidArgument saying that `field` of a request is at fault, and a
// google.rpc.BadRequest with the same.
absl::Status FieldViolation(std::string_view field,
                            std::string_view description);

// `status` with its payloads as a serialized google.rpc.Status: the value of
// the trailer `grpc-status-details-bin`. Empty without payloads.
std::string SerializeDetails(const absl::Status& status);

}  // namespace tuco::proto

#endif  // TUCO_PROTO_STATUS_DETAILS_H_

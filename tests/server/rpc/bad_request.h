// What a request's error says is at fault.

#ifndef TUCO_TESTS_SERVER_RPC_BAD_REQUEST_H_
#define TUCO_TESTS_SERVER_RPC_BAD_REQUEST_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/cord.h"
#include "google/rpc/status_details.pb.h"

namespace tuco::testing {

// The one violation in the details of `status`, as `field: description`;
// `no details` when it is no such error.
inline std::string Violation(const absl::Status& status) {
  google::rpc::BadRequest bad_request;
  const auto payload =
      status.GetPayload("type.googleapis.com/google.rpc.BadRequest");
  if (!absl::IsInvalidArgument(status) || !payload.has_value() ||
      !bad_request.ParseFromString(static_cast<std::string>(*payload)) ||
      bad_request.field_violations_size() != 1) {
    return "no details";
  }
  const auto& violation = bad_request.field_violations(0);
  return violation.field() + ": " + violation.description();
}

}  // namespace tuco::testing

#endif  // TUCO_TESTS_SERVER_RPC_BAD_REQUEST_H_

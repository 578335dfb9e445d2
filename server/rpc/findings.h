// Explanations in the protocol's words.
//
// Pure functions, safe for concurrent use.

#ifndef TUCO_SERVER_RPC_FINDINGS_H_
#define TUCO_SERVER_RPC_FINDINGS_H_

#include <span>

#include "tuco/events/v1/event_service.pb.h"
#include "tuco/finding.h"

namespace tuco::rpc {

// Appends each of `findings` to `added`, in order.
void AddFindings(
    std::span<const Finding> findings,
    google::protobuf::RepeatedPtrField<events::v1::Finding>& added);

}  // namespace tuco::rpc

#endif  // TUCO_SERVER_RPC_FINDINGS_H_

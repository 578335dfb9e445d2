// The answers of ListQuarantine and GetQuarantined.
//
// Pure functions on the quarantine, safe for concurrent use.

#ifndef TUCO_SERVER_RPC_QUARANTINE_QUERIES_H_
#define TUCO_SERVER_RPC_QUARANTINE_QUERIES_H_

#include "absl/status/status.h"
#include "server/receiver/quarantine.h"
#include "tuco/events/v1/event_service.pb.h"

namespace tuco::rpc {

// InvalidArgument, with the field at fault in its details: a page size out of
// its range (limits.h), a token that no page had, a state or reason that is
// none. The codes of Quarantine::List.
absl::Status AnswerList(receiver::Quarantine& quarantine,
                        const events::v1::ListQuarantineRequest& request,
                        events::v1::ListQuarantineResponse& response);

// InvalidArgument, with the field at fault in its details: an id that is none.
// The codes of Quarantine::Get.
absl::Status AnswerGet(receiver::Quarantine& quarantine,
                       const events::v1::GetQuarantinedRequest& request,
                       events::v1::GetQuarantinedResponse& response);

}  // namespace tuco::rpc

#endif  // TUCO_SERVER_RPC_QUARANTINE_QUERIES_H_

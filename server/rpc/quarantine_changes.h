// The answers of ReleaseQuarantined, HoldQuarantined and PurgeQuarantine: each
// does its work and waits until that is durable.
//
// Safe for concurrent use. InvalidArgument, with the field at fault in its
// details and nothing done, when there are no ids, too many (limits.h), or one
// that is none; whatever is wrong with a single delivery is in its result.
// Cancelled once `is_cancelled` says so, which is asked before every 32 ids.

#ifndef TUCO_SERVER_RPC_QUARANTINE_CHANGES_H_
#define TUCO_SERVER_RPC_QUARANTINE_CHANGES_H_

#include <functional>

#include "absl/status/status.h"
#include "server/receiver/quarantine.h"
#include "tuco/events/v1/event_service.pb.h"

namespace tuco::rpc {

absl::Status AnswerRelease(receiver::Quarantine& quarantine,
                           const events::v1::ReleaseQuarantinedRequest& request,
                           const std::function<bool()>& is_cancelled,
                           events::v1::ReleaseQuarantinedResponse& response);

absl::Status AnswerHold(receiver::Quarantine& quarantine,
                        const events::v1::HoldQuarantinedRequest& request,
                        const std::function<bool()>& is_cancelled,
                        events::v1::HoldQuarantinedResponse& response);

absl::Status AnswerPurge(receiver::Quarantine& quarantine,
                         const events::v1::PurgeQuarantineRequest& request,
                         const std::function<bool()>& is_cancelled,
                         events::v1::PurgeQuarantineResponse& response);

}  // namespace tuco::rpc

#endif  // TUCO_SERVER_RPC_QUARANTINE_CHANGES_H_

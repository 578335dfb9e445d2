// The answers of VerifyAndParse and of VerifyAndParseBatch: what the receiver
// says, in the protocol's words.
//
// Pure functions, safe for concurrent use.

#ifndef TUCO_SERVER_RPC_VERIFY_AND_PARSE_H_
#define TUCO_SERVER_RPC_VERIFY_AND_PARSE_H_

#include <functional>

#include "absl/status/status.h"
#include "server/receiver/receiver.h"
#include "tuco/events/v1/event_service.pb.h"

namespace tuco::rpc {

// Answers one delivery.
void Answer(const receiver::Receiver& receiver,
            const events::v1::VerifyAndParseRequest& request,
            events::v1::VerifyAndParseResponse& response);

// Answers each delivery of `request` as Answer does, in order.
//
// InvalidArgument, with the field at fault in its details, when the batch is
// above a limit (limits.h). Cancelled, with the answers so far in `response`,
// once `is_cancelled` says so. It is asked before every 64 deliveries and every
// explanation: not more often, since gRPC takes 15 us to say so, and not less,
// since a batch that is explained throughout can take seconds.
absl::Status AnswerBatch(const receiver::Receiver& receiver,
                         const events::v1::VerifyAndParseBatchRequest& request,
                         const std::function<bool()>& is_cancelled,
                         events::v1::VerifyAndParseBatchResponse& response);

}  // namespace tuco::rpc

#endif  // TUCO_SERVER_RPC_VERIFY_AND_PARSE_H_

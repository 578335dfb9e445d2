// The answer of ListEvents.

#ifndef TUCO_SERVER_RPC_LIST_EVENTS_H_
#define TUCO_SERVER_RPC_LIST_EVENTS_H_

#include <functional>

#include "absl/status/status.h"
#include "server/log/event_log.h"
#include "tuco/events/v1/event_service.pb.h"

namespace tuco::rpc {

// The codes of stream::ListEvents; InvalidArgument, naming the field, where
// `request` is at fault. Safe for concurrent use.
absl::Status AnswerListEvents(log::EventLog& log,
                              const events::v1::ListEventsRequest& request,
                              const log::Reach& reach,
                              const std::function<bool()>& is_cancelled,
                              events::v1::ListEventsResponse& response);

}  // namespace tuco::rpc

#endif  // TUCO_SERVER_RPC_LIST_EVENTS_H_

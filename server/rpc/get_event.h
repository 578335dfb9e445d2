// The answer of GetEvent: what the finder says, in the protocol's words.

#ifndef TUCO_SERVER_RPC_GET_EVENT_H_
#define TUCO_SERVER_RPC_GET_EVENT_H_

#include <functional>

#include "absl/status/status.h"
#include "server/log/filter.h"
#include "server/stream/event_finder.h"
#include "tuco/events/v1/event_service.pb.h"

namespace tuco::rpc {

// The codes of EventFinder; InvalidArgument as well where `request` has no key.
// What is out of `reach` is NotFound. `is_cancelled` is asked while the log is
// searched. Safe for concurrent use.
absl::Status AnswerGetEvent(stream::EventFinder& finder,
                            const events::v1::GetEventRequest& request,
                            const log::Reach& reach,
                            const std::function<bool()>& is_cancelled,
                            events::v1::GetEventResponse& response);

}  // namespace tuco::rpc

#endif  // TUCO_SERVER_RPC_GET_EVENT_H_

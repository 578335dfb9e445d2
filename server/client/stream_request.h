// Between what a subscriber is told and the request that stands for it.
//
// Pure functions, safe for concurrent use.

#ifndef TUCO_SERVER_CLIENT_STREAM_REQUEST_H_
#define TUCO_SERVER_CLIENT_STREAM_REQUEST_H_

#include <optional>

#include "server/client/subscriber_options.h"
#include "tuco/events/v1/event_service.pb.h"

namespace tuco::client {

events::v1::StreamEventsRequest MakeStreamRequest(
    const SubscriberOptions& options);

// The position of a request that has one.
Position PositionOf(const events::v1::StreamEventsRequest& request);

// What the response says besides its events.
std::optional<Notice> NoticeOf(
    const events::v1::StreamEventsResponse& response);

}  // namespace tuco::client

#endif  // TUCO_SERVER_CLIENT_STREAM_REQUEST_H_

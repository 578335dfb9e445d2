// Whether somebody may see an event, told from what the log keeps of it, where
// its index columns are not at hand.

#ifndef TUCO_SERVER_STREAM_VISIBILITY_H_
#define TUCO_SERVER_STREAM_VISIBILITY_H_

#include <string_view>

#include "server/log/filter.h"

namespace tuco::stream {

// `event` is a serialized tuco.events.v1.Event; what is none is visible only to
// those who may see everything. Pure, safe for concurrent use.
bool IsVisible(const log::Reach& reach, std::string_view event);

}  // namespace tuco::stream

#endif  // TUCO_SERVER_STREAM_VISIBILITY_H_

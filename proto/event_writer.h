// Writes an event in protobuf's wire format without making a message of it
// first, which would cost several times as much.
//
// Pure, safe for concurrent use.

#ifndef TUCO_PROTO_EVENT_WRITER_H_
#define TUCO_PROTO_EVENT_WRITER_H_

#include <string>

#include "tuco/event.h"

namespace tuco::proto {

// The bytes that the log keeps: `event` as a serialized tuco.events.v1.Event
// without sequence, epoch, recorded_at, suspected_duplicate_of, body and
// signature, which the log holds beside them and stream_frame.h puts back. Byte
// for byte what protobuf makes of ToProto (event_codec.h) without those.
std::string SerializeForLog(const Event& event);

}  // namespace tuco::proto

#endif  // TUCO_PROTO_EVENT_WRITER_H_

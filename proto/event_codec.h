// Between the typed event and its protobuf message.
//
// Pure functions, safe for concurrent use.

#ifndef TUCO_PROTO_EVENT_CODEC_H_
#define TUCO_PROTO_EVENT_CODEC_H_

#include <string>

#include "tuco/event.h"
#include "tuco/events/v1/event.pb.h"

namespace tuco::proto {

// Every field of `event`; what is absent there stays unset, and the messages
// message, contact, campaign and crm are set only when something is in them.
events::v1::Event ToProto(const Event& event);

// The other way. Flags that this version does not know are dropped.
Event FromProto(const events::v1::Event& message);

// `message` as protobuf's own proto3 JSON on one line.
std::string ToJson(const google::protobuf::Message& message);

}  // namespace tuco::proto

#endif  // TUCO_PROTO_EVENT_CODEC_H_

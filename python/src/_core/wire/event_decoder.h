// Decodes tuco.events.v1.Event without protobuf, as protobuf would: fields in
// any order, of one that stands twice the last value, messages merged, lists
// appended to. That is how the server sends what the log adds to an event.
//
// Fields and values that this version does not know are skipped: a number of
// an unknown enumerator is UNSPECIFIED, an unknown flag is left out. Pure
// functions, safe for concurrent use.

#ifndef TUCO_PYTHON_CORE_WIRE_EVENT_DECODER_H_
#define TUCO_PYTHON_CORE_WIRE_EVENT_DECODER_H_

#include <cstdint>
#include <functional>
#include <string_view>

#include "_core/wire/event_view.h"
#include "absl/status/status.h"
#include "tuco/event.h"

namespace tuco::python::wire {

// Makes `event` what `bytes` say; it may have been another one before, whose
// lists' memory is used again. InvalidArgument, after which `event` may be
// anything: they are no event, with the field, the place and what is wrong.
absl::Status DecodeEvent(std::string_view bytes, EventView& event);
absl::Status DecodeEvent(std::string_view bytes, Event& event);

// Decodes a StreamEventsResponse or ListEventsResponse: calls `visit` for each
// of its events in order; what a view refers to is in `bytes`. Gives the
// `scanned_through` of the former to `scanned_through`, which stays as it is
// where there is none. InvalidArgument: as above, behind the events before.
absl::Status DecodeResponse(std::string_view bytes,
                            const std::function<void(const EventView&)>& visit,
                            std::uint64_t& scanned_through);

}  // namespace tuco::python::wire

#endif  // TUCO_PYTHON_CORE_WIRE_EVENT_DECODER_H_

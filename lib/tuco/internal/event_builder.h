// Fills an event from a body that has been read.

#ifndef TUCO_INTERNAL_EVENT_BUILDER_H_
#define TUCO_INTERNAL_EVENT_BUILDER_H_

#include "tuco/event.h"
#include "tuco/internal/json_reader.h"

namespace tuco::internal {

// Sets what the members of the object that `json` has parsed say: type, shape,
// typed fields, extra_json and the flags that follow from them.
void FillEvent(const JsonReader& json, Event& event);

}  // namespace tuco::internal

#endif  // TUCO_INTERNAL_EVENT_BUILDER_H_

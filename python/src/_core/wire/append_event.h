// Puts decoded events into a table.

#ifndef TUCO_PYTHON_CORE_WIRE_APPEND_EVENT_H_
#define TUCO_PYTHON_CORE_WIRE_APPEND_EVENT_H_

#include "_core/table/builder.h"
#include "_core/wire/event_view.h"

namespace tuco::python::wire {

// A row with every field of the event, as Builder::Append makes it of a
// tuco::Event.
void AppendEvent(const EventView& event, table::Builder& table);

}  // namespace tuco::python::wire

#endif  // TUCO_PYTHON_CORE_WIRE_APPEND_EVENT_H_

// Tells Tuco's body shapes apart.

#ifndef TUCO_INTERNAL_SHAPE_DETECTOR_H_
#define TUCO_INTERNAL_SHAPE_DETECTOR_H_

#include "tuco/event_type.h"
#include "tuco/internal/field_sources.h"

namespace tuco::internal {

// The shape of a body by the members it has, whatever its event's name;
// docs/events.md lists the rules. kUnspecified when none holds.
Shape DetectShape(const FieldSources& sources);

}  // namespace tuco::internal

#endif  // TUCO_INTERNAL_SHAPE_DETECTOR_H_

// Where in an Event each field is.

#ifndef TUCO_INTERNAL_EVENT_FIELDS_H_
#define TUCO_INTERNAL_EVENT_FIELDS_H_

#include <optional>
#include <string>
#include <vector>

#include "tuco/event.h"
#include "tuco/internal/field.h"

namespace tuco::internal {

// Each requires a field of the kind; kTypeName, kFrom and kTo are no optional
// texts and have no place here.
std::optional<std::string>& TextField(Event& event, Field field);
std::optional<Timestamp>& TimeField(Event& event, Field field);
std::vector<std::string>& TextsField(Event& event, Field field);

}  // namespace tuco::internal

#endif  // TUCO_INTERNAL_EVENT_FIELDS_H_

// Reads an event from a body, whatever shape Tuco gave it.
//
// Content never fails: a body that is not JSON, not an object or not of a
// known shape still gives an event, typed as far as possible and flagged.
// Pure functions, safe for concurrent use, no recursion.

#ifndef TUCO_EVENT_PARSER_H_
#define TUCO_EVENT_PARSER_H_

#include <string_view>

#include "tuco/event.h"
#include "tuco/event_id.h"
#include "tuco/signature_verifier.h"

namespace tuco {

// The event in the signed bytes of a verified delivery, with its endpoint,
// event id, verified form and secret name.
Event ParseEvent(const VerifiedDelivery& delivery);

// The event in bytes that nobody vouches for: `verified_form` is
// kUnspecified. For tools that look at archives; never for accepting.
Event ParseUnverified(std::string_view body,
                      std::string_view endpoint = kDefaultEndpoint);

}  // namespace tuco

#endif  // TUCO_EVENT_PARSER_H_

// Text that nobody vouches for is not parsed as if somebody did.
// Diagnostic: (reference of type .const tuco::Verified|no matching function)

#include "tuco/event_parser.h"

namespace tuco {

Event Read(std::string_view body) {
#ifdef MUST_NOT_COMPILE
  return ParseEvent(body);
#else
  return ParseUnverified(body);
#endif
}

}  // namespace tuco

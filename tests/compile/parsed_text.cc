// Text that nobody vouches for is not parsed as if somebody did.
// Diagnostic: (initialization of reference of type .const tuco::Ver|no matching)

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

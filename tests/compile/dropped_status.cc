// A status says whether something went wrong; dropping it is an error.
// Diagnostic: ignoring return(ed)? value .*(nodiscard|warn_unused_result)

#include "absl/status/status.h"

namespace tuco {

absl::Status Store() { return absl::OkStatus(); }

bool StoreAndReport() {
#ifdef MUST_NOT_COMPILE
  Store();
  return true;
#else
  return Store().ok();
#endif
}

}  // namespace tuco

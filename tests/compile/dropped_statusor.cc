// What may be an error in place of a value cannot be dropped either.
// Diagnostic: ignoring return(ed)? value .*(nodiscard|warn_unused_result)

#include "tuco/signature_verifier.h"

namespace tuco {

bool CanSign(std::string_view secret) {
#ifdef MUST_NOT_COMPILE
  Sign("body", secret);
  return true;
#else
  return Sign("body", secret).ok();
#endif
}

}  // namespace tuco

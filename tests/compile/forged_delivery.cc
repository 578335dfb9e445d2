// Only a verifier says that a delivery is verified.
// Diagnostic: VerifiedDelivery.* is private|private constructor of .*VerifiedD

#include "tuco/signature_verifier.h"

namespace tuco {

VerifiedDelivery Deliver(const SignatureVerifier& verifier,
                         std::string_view body, std::string_view signature) {
#ifdef MUST_NOT_COMPILE
  (void)verifier;
  (void)signature;
  (void)body;
  return VerifiedDelivery(Digest{}, "main", "tuco");
#else
  return verifier.Verify(body, signature).delivery();
#endif
}

}  // namespace tuco

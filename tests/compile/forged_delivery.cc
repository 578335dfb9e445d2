// Only a verifier says that a delivery is verified.
// Diagnostic: VerifiedDelivery.* is private|private constructor of .*VerifiedD

#include "tuco/signature_verifier.h"

namespace tuco {

std::string_view SignedBytes(const SignatureVerifier& verifier,
                             std::string_view body,
                             std::string_view signature) {
#ifdef MUST_NOT_COMPILE
  (void)verifier;
  (void)signature;
  const VerifiedDelivery delivery(body, Digest{}, VerifiedForm::kRaw, "main");
  return delivery.signed_bytes();
#else
  return verifier.Verify(body, signature).delivery().signed_bytes();
#endif
}

}  // namespace tuco

// Property: a canonical form is its own canonical form; the delivery that
// verifies by it hands out that form and nothing else, and its tag is the
// signature. What has none verifies by none.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "fuzz/check.h"
#include "tuco/canonical_json.h"
#include "tuco/signature_verifier.h"

namespace {

constexpr char kSecret[] = "whsec_fuzz_5f0c2a7e9d41";

const tuco::SignatureVerifier& Verifier() {
  static const auto verifier =
      tuco::SignatureVerifier::Create({{"main", kSecret}}).value();
  return verifier;
}

std::string SignatureOf(std::string_view text) {
  return tuco::Sign(text, kSecret).value();
}

void CheckForm(std::string_view body, const std::string& canonical) {
  const auto again = tuco::CanonicalJson(canonical);
  FUZZ_CHECK(again.ok() && *again == canonical);
  const std::string signature = SignatureOf(canonical);
  const tuco::Verdict verdict = Verifier().Verify(body, signature);
  if (body.size() > tuco::kCanonicalBodyBytesMax) return;
  FUZZ_CHECK(verdict.genuine());
  const std::string_view delivered = verdict.delivery().signed_bytes();
  FUZZ_CHECK(delivered == canonical);
  FUZZ_CHECK(SignatureOf(delivered) == signature);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  const std::string_view body(reinterpret_cast<const char*>(data), size);
  const auto canonical = tuco::CanonicalJson(body);
  if (canonical.ok()) {
    CheckForm(body, *canonical);
  } else {
    const std::string signature = SignatureOf(body);
    FUZZ_CHECK(Verifier().Verify(body, signature).delivery().form() ==
               tuco::VerifiedForm::kRaw);
    FUZZ_CHECK(!Verifier()
                    .Verify(body, signature, tuco::VerifyMode::kCanonical)
                    .genuine());
  }
  return 0;
}

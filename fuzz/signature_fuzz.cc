// Property: whatever the header says, nothing is genuine but the one tag of
// the body under a configured secret, and a genuine verdict repeats that tag.
// Input: a line that is the header, then the body.

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

#include "fuzz/check.h"
#include "tuco/signature_verifier.h"

namespace {

constexpr char kSecret[] = "whsec_sample_5f0c2a7e9d41";

// The 64 digits of a header that means them, in lower case.
std::string Normalized(std::string_view header) {
  std::string digits;
  for (const char c : header) {
    const bool upper = c >= 'A' && c <= 'Z';
    if (c != ' ' && c != '\t') {
      digits.push_back(static_cast<char>(upper ? c - 'A' + 'a' : c));
    }
  }
  return digits;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  const std::string_view input = tuco::fuzz::Text(data, size);
  const std::string_view header = input.substr(0, input.find('\n'));
  const std::string_view body =
      input.substr(std::min(input.size(), header.size() + 1));
  static const auto& verifier = *new tuco::SignatureVerifier(
      tuco::SignatureVerifier::Create({{"main", kSecret}}).value());
  const std::string tag = tuco::Sign(body, kSecret).value();

  const tuco::Verdict verdict = verifier.Verify(body, header);
  if (verdict.genuine()) {
    const std::string_view delivered = verdict.delivery().signed_bytes();
    const std::string right = tuco::Sign(delivered, kSecret).value();
    FUZZ_CHECK(Normalized(header) == right);
    FUZZ_CHECK(tuco::ToHex(verdict.delivery().signature()) == right);
  } else {
    FUZZ_CHECK(header != tag);
    FUZZ_CHECK(verdict.reason() != tuco::Reason::kUnspecified);
  }
  FUZZ_CHECK(verifier.Verify(body, tag).genuine());
  return 0;
}

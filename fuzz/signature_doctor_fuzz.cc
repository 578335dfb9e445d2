// Property: an explanation ends, is `certain` only where a tag was computed
// (never for a random one), says of a genuine delivery only that it matches,
// and repeats nothing of a secret.
// Input: a line that is the header, then the body.

#include <algorithm>
#include <cstdint>
#include <functional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "fuzz/check.h"
#include "tuco/signature_doctor.h"

namespace {

using tuco::Certainty;
using tuco::Finding;
using tuco::FindingKind;

constexpr std::size_t kRunBytes = 16;

const std::vector<tuco::Secret>& Secrets() {
  static const auto& secrets = *new std::vector<tuco::Secret>{
      {"main", "whsec_c2VjcmV0IG9mIGEgZnV6eiB0YXJnZXQ="},
      {"old", " \"an older secret of 0123456789abcdef\"\n"}};
  return secrets;
}

bool HoldsRunOf(std::string_view secret, std::string_view text) {
  for (std::size_t i = 0; i + kRunBytes <= secret.size(); ++i) {
    if (text.find(secret.substr(i, kRunBytes)) != std::string_view::npos) {
      return true;
    }
  }
  return false;
}

void CheckFinding(const Finding& finding) {
  FUZZ_CHECK(finding.kind != FindingKind::kUnspecified);
  FUZZ_CHECK(finding.certainty != Certainty::kUnspecified);
  FUZZ_CHECK(!finding.text.empty() && finding.text.back() == '.');
  for (const tuco::Secret& secret : Secrets()) {
    FUZZ_CHECK(!HoldsRunOf(secret.text, finding.text));
  }
}

// A tag that nobody computed, another one for each body.
std::string RandomTag(std::string_view body) {
  std::mt19937_64 random(std::hash<std::string_view>()(body));
  tuco::Digest tag;
  for (std::uint8_t& byte : tag) byte = static_cast<std::uint8_t>(random());
  return tuco::ToHex(tag);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  const std::string_view input = tuco::fuzz::Text(data, size);
  const std::string_view header = input.substr(0, input.find('\n'));
  const std::string_view body =
      input.substr(std::min(input.size(), header.size() + 1));

  for (const Finding& finding : tuco::Explain(body, header, Secrets())) {
    CheckFinding(finding);
  }
  for (const Finding& finding :
       tuco::Explain(body, RandomTag(body), Secrets(), header)) {
    CheckFinding(finding);
    FUZZ_CHECK(finding.certainty == Certainty::kHint);
  }
  const std::string tag = tuco::Sign(body, Secrets()[0].text).value();
  const std::vector<Finding> genuine = tuco::Explain(body, tag, Secrets());
  FUZZ_CHECK(genuine.size() == 1);
  FUZZ_CHECK(genuine[0].kind == FindingKind::kSignatureMatches);
  FUZZ_CHECK(genuine[0].secret_name == "main");
  return 0;
}

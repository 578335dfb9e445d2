#include "tuco/canonical_json.h"

#include "absl/status/status.h"
#include "tuco/internal/canonical_writer.h"

namespace tuco {
namespace {

const char* Explanation(internal::CanonicalRefusal refusal) {
  switch (refusal) {
    case internal::CanonicalRefusal::kNotJson:
      return "expected JSON as JSON.parse takes it";
    case internal::CanonicalRefusal::kBadUtf8:
      return "expected UTF-8, found bytes that are not";
    case internal::CanonicalRefusal::kDuplicateKeys:
      return "expected different keys in each object, found one twice";
    case internal::CanonicalRefusal::kTooDeep:
      return "expected at most 64 arrays and objects in each other";
    case internal::CanonicalRefusal::kNumberRange:
      return "expected numbers in the range of a double, found one that is "
             "infinite or becomes zero";
    case internal::CanonicalRefusal::kDigitsLost:
      return "expected integers that a double holds, found one beyond 2^53 "
             "that loses digits";
    case internal::CanonicalRefusal::kNone:
      break;
  }
  return "";
}

}  // namespace

absl::StatusOr<std::string> CanonicalJson(std::string_view text) {
  std::string canonical;
  const auto refusal = internal::WriteCanonical(text, canonical);
  if (refusal != internal::CanonicalRefusal::kNone) {
    return absl::InvalidArgumentError(Explanation(refusal));
  }
  return canonical;
}

}  // namespace tuco

#include "tuco/signature_verifier.h"

#include <algorithm>
#include <utility>

#include "absl/status/status.h"

namespace tuco {
namespace {

std::string_view TrimBlanks(std::string_view text) {
  constexpr std::string_view kBlanks = " \t";
  const std::size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

// No message repeats a secret's text or name: a name may be a text that was
// put into the wrong place.
absl::Status CheckSecrets(const std::vector<Secret>& secrets) {
  if (secrets.empty()) {
    return absl::InvalidArgumentError("expected at least one secret");
  }
  if (secrets.size() > kActiveSecretsMax) {
    return absl::InvalidArgumentError("expected at most five secrets");
  }
  for (auto secret = secrets.begin(); secret != secrets.end(); ++secret) {
    if (secret->text.empty()) {
      return absl::InvalidArgumentError("a secret is empty");
    }
    const auto same_name = [&](const Secret& other) {
      return other.name == secret->name;
    };
    if (std::any_of(secrets.begin(), secret, same_name)) {
      return absl::InvalidArgumentError("two secrets have the same name");
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<SignatureVerifier> SignatureVerifier::Create(
    const std::vector<Secret>& secrets) {
  if (absl::Status status = CheckSecrets(secrets); !status.ok()) return status;
  std::vector<NamedKey> keys;
  keys.reserve(secrets.size());
  for (const Secret& secret : secrets) {
    keys.push_back({secret.name, HmacSha256Key(secret.text)});
  }
  return SignatureVerifier(std::move(keys));
}

Verdict SignatureVerifier::Verify(std::string_view body,
                                  std::string_view signature) const {
  const std::string_view hex = TrimBlanks(signature);
  if (hex.empty()) return Verdict::Rejected(Reason::kSignatureMissing);
  const std::optional<Digest> claimed = DigestFromHex(hex);
  if (!claimed) return Verdict::Rejected(Reason::kSignatureMalformed);
  // Every key is tried, so that the time taken does not tell which matched.
  const NamedKey* match = nullptr;
  for (const NamedKey& key : keys_) {
    const bool equal = ConstantTimeEqual(key.key.Sign(body), *claimed);
    if (equal && match == nullptr) match = &key;
  }
  if (match == nullptr) return Verdict::Rejected(Reason::kSignatureMismatch);
  return Verdict::Genuine(
      VerifiedDelivery(body, *claimed, VerifiedForm::kRaw, match->name));
}

absl::StatusOr<std::string> Sign(std::string_view body,
                                 std::string_view secret) {
  if (secret.empty()) {
    return absl::InvalidArgumentError("the secret is empty");
  }
  return ToHex(HmacSha256Key(secret).Sign(body));
}

}  // namespace tuco

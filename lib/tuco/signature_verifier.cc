#include "tuco/signature_verifier.h"

#include <algorithm>
#include <array>
#include <utility>

#include "absl/status/status.h"
#include "tuco/internal/canonical_writer.h"

namespace tuco {
namespace {

// Deliveries that are signed together; what they need is on the stack.
constexpr std::size_t kPortion = 64;

std::string_view TrimBlanks(std::string_view text) {
  constexpr std::string_view kBlanks = " \t";
  const std::size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

// The tag that a signature spells, or why it spells none.
struct ReadSignature {
  std::optional<Digest> tag;
  Reason reason = Reason::kUnspecified;
};

ReadSignature Read(std::string_view signature) {
  const std::string_view hex = TrimBlanks(signature);
  if (hex.empty()) return {std::nullopt, Reason::kSignatureMissing};
  const std::optional<Digest> tag = DigestFromHex(hex);
  if (!tag.has_value()) return {std::nullopt, Reason::kSignatureMalformed};
  return {tag, Reason::kUnspecified};
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
    const std::vector<Secret>& secrets, std::string_view endpoint) {
  if (absl::Status status = CheckSecrets(secrets); !status.ok()) return status;
  std::vector<NamedKey> keys;
  keys.reserve(secrets.size());
  for (const Secret& secret : secrets) {
    keys.push_back({secret.name, HmacSha256Key(secret.text)});
  }
  return SignatureVerifier(std::move(keys), endpoint);
}

// Every key is tried, so that the time taken does not tell which matched.
SignatureVerifier::Match SignatureVerifier::FindKey(std::string_view bytes,
                                                    const Digest& tag) const {
  static_assert(kActiveSecretsMax <= HmacSha256Key::kKeysMax);
  std::array<const HmacSha256Key*, kActiveSecretsMax> keys;
  std::array<Digest, kActiveSecretsMax> tags;
  for (std::size_t i = 0; i < keys_.size(); ++i) keys[i] = &keys_[i].key;
  Match match;
  match.key = nullptr;
  match.duplicate_key = HmacSha256Key::SignAndHash(
      std::span(keys).first(keys_.size()), key_prefix_, bytes,
      std::span(tags).first(keys_.size()));
  for (std::size_t i = 0; i < keys_.size(); ++i) {
    const bool equal = ConstantTimeEqual(tags[i], tag);
    if (equal && match.key == nullptr) match.key = &keys_[i];
  }
  return match;
}

Verdict SignatureVerifier::Verify(std::string_view body,
                                  std::string_view signature,
                                  VerifyMode mode) const {
  const ReadSignature read = Read(signature);
  if (!read.tag.has_value()) return Verdict::Rejected(read.reason);
  if (mode == VerifyMode::kCanonical) return VerifyCanonical(body, *read.tag);
  Verdict verdict = VerifyRaw(body, *read.tag);
  if (verdict.genuine() || mode == VerifyMode::kRaw) return verdict;
  return VerifyCanonical(body, *read.tag);
}

std::vector<Verdict> SignatureVerifier::VerifyMany(
    std::span<const SignedBody> deliveries, VerifyMode mode) const {
  std::vector<Verdict> verdicts;
  verdicts.reserve(deliveries.size());
  while (!deliveries.empty()) {
    const std::size_t count = std::min(deliveries.size(), kPortion);
    VerifyPortion(deliveries.first(count), mode, verdicts);
    deliveries = deliveries.subspan(count);
  }
  return verdicts;
}

void SignatureVerifier::VerifyPortion(std::span<const SignedBody> deliveries,
                                      VerifyMode mode,
                                      std::vector<Verdict>& verdicts) const {
  std::array<ReadSignature, kPortion> read;
  std::array<std::string_view, kPortion> bodies;
  std::array<const NamedKey*, kPortion> matches{};
  std::array<Digest, kPortion> tags;
  const std::size_t count = deliveries.size();
  for (std::size_t i = 0; i < count; ++i) {
    read[i] = Read(deliveries[i].signature);
    // Without a signature there is nothing to compare with.
    if (read[i].tag.has_value()) bodies[i] = deliveries[i].body;
  }
  for (const NamedKey& key : keys_) {
    if (mode == VerifyMode::kCanonical) break;
    key.key.SignMany(std::span(bodies).first(count),
                     std::span(tags).first(count));
    for (std::size_t i = 0; i < count; ++i) {
      const bool equal =
          read[i].tag.has_value() && ConstantTimeEqual(tags[i], *read[i].tag);
      if (equal && matches[i] == nullptr) matches[i] = &key;
    }
  }
  for (std::size_t i = 0; i < count; ++i) {
    const std::string_view body = deliveries[i].body;
    if (!read[i].tag.has_value()) {
      verdicts.push_back(Verdict::Rejected(read[i].reason));
    } else if (matches[i] != nullptr) {
      VerifiedDelivery delivery(*read[i].tag, matches[i]->name, endpoint_);
      delivery.body_ = body;
      verdicts.push_back(Verdict::Genuine(std::move(delivery)));
    } else if (mode == VerifyMode::kRaw) {
      verdicts.push_back(Verdict::Rejected(Reason::kSignatureMismatch));
    } else {
      verdicts.push_back(VerifyCanonical(body, *read[i].tag));
    }
  }
}

Verdict SignatureVerifier::VerifyRaw(std::string_view body,
                                     const Digest& tag) const {
  const Match match = FindKey(body, tag);
  if (match.key == nullptr) {
    return Verdict::Rejected(Reason::kSignatureMismatch);
  }
  VerifiedDelivery delivery(tag, match.key->name, endpoint_);
  delivery.body_ = body;
  delivery.duplicate_key_ = match.duplicate_key;
  return Verdict::Genuine(std::move(delivery));
}

Verdict SignatureVerifier::VerifyCanonical(std::string_view body,
                                           const Digest& tag) const {
  std::string canonical;
  const bool other = body.size() <= kCanonicalBodyBytesMax &&
                     internal::WriteCanonical(body, canonical) ==
                         internal::CanonicalRefusal::kNone &&
                     canonical != body;
  if (!other) return Verdict::Rejected(Reason::kSignatureMismatch);
  const Match match = FindKey(canonical, tag);
  if (match.key == nullptr) {
    return Verdict::Rejected(Reason::kSignatureMismatch);
  }
  VerifiedDelivery delivery(tag, match.key->name, endpoint_);
  delivery.form_ = VerifiedForm::kCanonical;
  delivery.canonical_ = std::move(canonical);
  delivery.duplicate_key_ = match.duplicate_key;
  return Verdict::Genuine(std::move(delivery));
}

absl::StatusOr<std::string> Sign(std::string_view body,
                                 std::string_view secret) {
  if (secret.empty()) {
    return absl::InvalidArgumentError("the secret is empty");
  }
  return ToHex(HmacSha256Key(secret).Sign(body));
}

}  // namespace tuco

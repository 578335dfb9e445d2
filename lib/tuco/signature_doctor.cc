#include "tuco/signature_doctor.h"

#include <algorithm>
#include <span>
#include <string>
#include <utility>

#include "tuco/digest.h"
#include "tuco/hmac_sha256.h"
#include "tuco/internal/body_variants.h"
#include "tuco/internal/secret_variants.h"
#include "tuco/internal/signature_form.h"

namespace tuco {
namespace {

using internal::SecretVariant;
using internal::SignatureValue;

// A secret as keys; its text is not kept.
struct SecretKeys {
  std::string_view name;
  HmacSha256Key key;
  std::vector<SecretVariant> variants;
};

std::span<const Secret> Tried(const std::vector<Secret>& secrets) {
  return std::span(secrets).first(std::min(secrets.size(), kDoctorSecretsMax));
}

// The rows of the header's table, each until something matches.
class Search {
 public:
  Search(std::string_view body, std::optional<std::string_view> timestamp,
         const std::vector<Secret>& secrets,
         const std::vector<SignatureValue>& values)
      : body_(body), timestamp_(timestamp), secrets_(secrets), values_(values) {
    for (const Secret& secret : Tried(secrets)) {
      if (secret.text.empty()) continue;
      keys_.push_back({secret.name, HmacSha256Key(secret.text),
                       internal::SecretVariants(secret.text)});
    }
  }

  void Run() {
    TrySecrets();
    if (body_.size() > kDoctorBodyBytesMax) return;
    for (const auto row : {&Search::TryBodies, &Search::TrySecretVariants,
                           &Search::TryOtherMeans, &Search::TryCombinations}) {
      if (!findings_.empty()) return;
      (this->*row)();
    }
  }

  std::vector<Finding>& findings() { return findings_; }
  // Some single mistake was not tried.
  bool limited() const { return limited_; }

 private:
  void TrySecrets() {
    for (const SecretKeys& secret : keys_) {
      Check(secret.key.Sign(body_), {}, secret.name);
    }
  }

  void TryBodies() {
    internal::VisitBodyVariants(
        body_, timestamp_, [this](FindingKind kind, std::string_view text) {
          for (const SecretKeys& secret : keys_) {
            Try(secret.key, text, {kind}, secret);
          }
          return findings_.empty() && !exhausted_;
        });
  }

  void TrySecretVariants() {
    for (const SecretKeys& secret : keys_) {
      for (const SecretVariant& variant : secret.variants) {
        Try(variant.key, body_, {variant.kind}, secret);
        if (!findings_.empty()) return;
      }
    }
  }

  void TryOtherMeans() {
    Check(Sha256(body_), {FindingKind::kUnkeyedDigest}, {});
    if (Spend(body_.size())) {
      Check(HmacSha256Key("").Sign(body_), {FindingKind::kSecretEmpty}, {});
    }
    const HmacSha256Key body_key(body_);
    for (const Secret& secret : Tried(secrets_)) {
      if (secret.text.empty() || !Spend(secret.text.size())) continue;
      Check(body_key.Sign(secret.text), {FindingKind::kKeyAndBodySwapped},
            secret.name);
    }
    // Every single mistake has had its turn.
    limited_ = exhausted_;
  }

  void TryCombinations() {
    internal::VisitBodyVariants(
        body_, timestamp_, [this](FindingKind kind, std::string_view text) {
          for (const SecretKeys& secret : keys_) {
            for (const SecretVariant& variant : secret.variants) {
              Try(variant.key, text, {variant.kind, kind}, secret);
              if (!findings_.empty() || exhausted_) return false;
            }
          }
          return true;
        });
  }

  void Try(const HmacSha256Key& key, std::string_view text,
           std::vector<FindingKind> kinds, const SecretKeys& secret) {
    if (Spend(text.size())) {
      Check(key.Sign(text), std::move(kinds), secret.name);
    }
  }

  // Whether a tag over so many bytes may still be computed.
  bool Spend(std::size_t bytes) {
    if (tags_ == kDoctorTagsMax || kDoctorTagBytesMax - tag_bytes_ < bytes) {
      exhausted_ = true;
      return false;
    }
    ++tags_;
    tag_bytes_ += bytes;
    return true;
  }

  void Check(const Digest& tag, std::vector<FindingKind> kinds,
             std::string_view secret_name) {
    const SignatureValue* match = nullptr;
    for (const SignatureValue& value : values_) {
      if (ConstantTimeEqual(tag, value.digest)) match = &value;
    }
    if (match == nullptr) return;
    kinds.insert(kinds.begin(), match->kinds.begin(), match->kinds.end());
    findings_.push_back(CertainFinding(kinds, secret_name));
  }

  std::string_view body_;
  std::optional<std::string_view> timestamp_;
  const std::vector<Secret>& secrets_;
  const std::vector<SignatureValue>& values_;
  std::vector<SecretKeys> keys_;
  std::vector<Finding> findings_;
  std::size_t tags_ = 0;
  std::size_t tag_bytes_ = 0;
  bool exhausted_ = false;
  bool limited_ = false;
};

void AddBodyHints(std::string_view body, std::vector<Finding>& findings) {
  if (body.size() > kDoctorBodyBytesMax) {
    findings.push_back(HintFinding(FindingKind::kBodyTooLarge));
  } else if (body.empty()) {
    findings.push_back(HintFinding(FindingKind::kBodyEmpty));
  } else if (body.substr(0, 2) == "\x1f\x8b") {
    findings.push_back(HintFinding(FindingKind::kBodyCompressed));
  } else if (internal::IsTruncatedJson(body)) {
    findings.push_back(HintFinding(FindingKind::kBodyTruncated));
  }
}

}  // namespace

std::vector<Finding> Explain(std::string_view body, std::string_view signature,
                             const std::vector<Secret>& secrets) {
  return Explain(body, signature, secrets, std::nullopt);
}

std::vector<Finding> Explain(std::string_view body, std::string_view signature,
                             const std::vector<Secret>& secrets,
                             std::optional<std::string_view> timestamp_header) {
  internal::SignatureForm form = internal::ReadSignatureForm(signature);
  std::vector<Finding>& hints = form.hints;
  Search search(body, timestamp_header, secrets, form.values);
  if (!form.values.empty()) {
    search.Run();
    if (!search.findings().empty()) return std::move(search.findings());
    if (search.limited() || secrets.size() > kDoctorSecretsMax) {
      hints.push_back(HintFinding(FindingKind::kSearchLimited));
    }
  }
  AddBodyHints(body, hints);
  return std::move(hints);
}

}  // namespace tuco

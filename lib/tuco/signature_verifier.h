// Decides whether a delivery is genuine, and hands out its signed bytes only
// when it is.
//
//   auto verifier = tuco::SignatureVerifier::Create({{"main", secret}});
//   tuco::Verdict verdict = verifier->Verify(body, signature_header);
//   if (verdict.genuine()) Use(verdict.delivery());
//
// Verification policy: the signature is exactly 64 hexadecimal digits in
// either case, blanks around them trimmed, and equals the HMAC-SHA256 of the
// body's bytes as received under one of the active secrets, or else, unless
// the mode is raw, of the body's canonical form (canonical_json.h). Every
// secret is tried and the comparison takes constant time.
//
// The canonical form costs no integrity: what produced it, the sender signed
// it, and nobody gets at any other bytes.

#ifndef TUCO_SIGNATURE_VERIFIER_H_
#define TUCO_SIGNATURE_VERIFIER_H_

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "tuco/digest.h"
#include "tuco/event_id.h"
#include "tuco/event_type.h"
#include "tuco/hmac_sha256.h"

namespace tuco {

// Configured secrets of one endpoint at most.
inline constexpr std::size_t kActiveSecretsMax = 5;

// A longer body is verified as it arrived only.
inline constexpr std::size_t kCanonicalBodyBytesMax = std::size_t{64} * 1024;

enum class VerifyMode {
  kAuto,       // The body as it arrived, then its canonical form.
  kRaw,        // The body as it arrived only.
  kCanonical,  // The canonical form only, for who has tried the other.
};

// A webhook's signing secret: UTF-8 text, used as it is.
struct Secret {
  std::string name;
  std::string text;
};

// Bytes that a secret's owner signed. Only a verifier makes one, so whoever
// holds one holds bytes that were authenticated. It may refer to the body that
// was passed to Verify and must not outlive it.
class VerifiedDelivery {
 public:
  // The body, or its canonical form where that is what was signed; valid as
  // long as both the body and this object.
  std::string_view signed_bytes() const {
    return form_ == VerifiedForm::kCanonical ? canonical_ : body_;
  }
  const Digest& signature() const { return signature_; }
  VerifiedForm form() const { return form_; }
  // The name of the secret that matched; valid as long as the verifier.
  std::string_view secret_name() const { return secret_name_; }
  // The verifier's endpoint; valid as long as the verifier.
  std::string_view endpoint() const { return endpoint_; }
  // DuplicateKey(endpoint(), signed_bytes()), which Verify has computed beside
  // the signature and VerifyMany has not.
  Digest duplicate_key() const {
    return duplicate_key_.has_value() ? *duplicate_key_
                                      : DuplicateKey(endpoint_, signed_bytes());
  }

 private:
  friend class SignatureVerifier;
  VerifiedDelivery(const Digest& signature, std::string_view secret_name,
                   std::string_view endpoint)
      : signature_(signature), secret_name_(secret_name), endpoint_(endpoint) {}

  VerifiedForm form_ = VerifiedForm::kRaw;
  std::string_view body_;
  std::string canonical_;
  Digest signature_;
  std::string_view secret_name_;
  std::string_view endpoint_;
  std::optional<Digest> duplicate_key_;
};

// A body, and the value of X-Tuco-Signature that came with it.
struct SignedBody {
  std::string_view body;
  std::string_view signature;
};

// What a verifier says: a verified delivery, or the reason why there is none.
class Verdict {
 public:
  static Verdict Genuine(VerifiedDelivery&& delivery) {
    return Verdict(std::move(delivery));
  }
  static Verdict Rejected(Reason reason) { return Verdict(reason); }

  bool genuine() const { return delivery_.has_value(); }
  // Requires genuine().
  const VerifiedDelivery& delivery() const { return delivery_.value(); }
  // kUnspecified when genuine.
  Reason reason() const { return reason_; }

 private:
  explicit Verdict(VerifiedDelivery&& delivery)
      : delivery_(std::move(delivery)), reason_(Reason::kUnspecified) {}
  explicit Verdict(Reason reason) : reason_(reason) {}

  std::optional<VerifiedDelivery> delivery_;
  Reason reason_;
};

// Immutable after Create, safe for concurrent use.
class SignatureVerifier {
 public:
  // Of the deliveries to `endpoint`.
  //
  // InvalidArgument without a secret, with more than kActiveSecretsMax of
  // them, with an empty one, or with a name used twice. The texts are not
  // kept, only key states, and no message of ours repeats one.
  static absl::StatusOr<SignatureVerifier> Create(
      const std::vector<Secret>& secrets,
      std::string_view endpoint = kDefaultEndpoint);

  // `signature` is the value of X-Tuco-Signature. Never fails otherwise than
  // by a verdict, for no bytes whatsoever. The verdict refers to `body` and to
  // this verifier.
  // Allocates only for the canonical form.
  Verdict Verify(std::string_view body, std::string_view signature,
                 VerifyMode mode = VerifyMode::kAuto) const;

  // What Verify says of each of `deliveries`, in their order; where the
  // machine has SHA instructions, in about half the time from four on.
  std::vector<Verdict> VerifyMany(std::span<const SignedBody> deliveries,
                                  VerifyMode mode = VerifyMode::kAuto) const;

 private:
  struct NamedKey {
    std::string name;
    HmacSha256Key key;
  };
  // What a tag was found to be, and the duplicate key of what it is the tag of.
  struct Match {
    const NamedKey* key;  // Null when no key makes it.
    Digest duplicate_key;
  };

  SignatureVerifier(std::vector<NamedKey> keys, std::string_view endpoint)
      : keys_(std::move(keys)),
        endpoint_(endpoint),
        key_prefix_(DuplicateKeyPrefix(endpoint)) {}

  Match FindKey(std::string_view bytes, const Digest& tag) const;
  Verdict VerifyRaw(std::string_view body, const Digest& tag) const;
  Verdict VerifyCanonical(std::string_view body, const Digest& tag) const;
  void VerifyPortion(std::span<const SignedBody> deliveries, VerifyMode mode,
                     std::vector<Verdict>& verdicts) const;

  std::vector<NamedKey> keys_;
  std::string endpoint_;
  std::string key_prefix_;
};

// The value of X-Tuco-Signature for `body` under `secret`: 64 lower-case
// hexadecimal digits. InvalidArgument when the secret is empty.
absl::StatusOr<std::string> Sign(std::string_view body,
                                 std::string_view secret);

}  // namespace tuco

#endif  // TUCO_SIGNATURE_VERIFIER_H_

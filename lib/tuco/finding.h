// What the signature doctor finds.
//
// A value and pure functions, safe for concurrent use. docs/verification.md
// says what to do about each kind.

#ifndef TUCO_FINDING_H_
#define TUCO_FINDING_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace tuco {

// Enumerators have the numbers of the protobuf enums of the same name.
// HAS and LACKS are said of what the receiver has, compared with what was
// signed.
enum class FindingKind : std::uint8_t {
  kUnspecified = 0,
  kSignatureMatches = 1,  // Under the secret named, as everything is.
  kCombination = 2,       // Two or more of the kinds below at once.
  // The header's value.
  kSignatureMissing = 3,
  kSignatureMalformed = 4,
  kSignatureRepeated = 5,
  kSignaturePrefix = 6,      // `sha256=` and the like.
  kSignatureBase64 = 7,      // Instead of hexadecimal.
  kSignatureSurrounded = 8,  // By quotes or line breaks.
  kSignatureUpperCase = 9,
  kSignatureOtherAlgorithm = 10,  // As long as one of SHA-1, MD5, …
  // How it was computed.
  kUnkeyedDigest = 11,      // SHA-256 without the secret.
  kKeyAndBodySwapped = 12,  // HMAC with the body as its key.
  kTimestampSigned = 13,    // `<timestamp>.<body>` and the like.
  // The secret.
  kSecretEmpty = 14,  // The signer's.
  kSecretHasLineBreak = 15,
  kSecretLacksLineBreak = 16,
  kSecretHasBlanks = 17,
  kSecretLacksBlanks = 18,
  kSecretHasQuotes = 19,
  kSecretHasBom = 20,
  kSecretPrefixStripped = 21,  // `whsec_`, by the signer.
  kSecretBase64Decoded = 22,   // By the signer, as other vendors do.
  kSecretHexDecoded = 23,      // By the signer.
  // The body.
  kBodyEmpty = 24,      // Nothing arrived.
  kBodyNotSigned = 25,  // The signature is an empty body's.
  kBodyHasLineBreak = 26,
  kBodyLacksLineBreak = 27,
  kBodyHasBom = 28,
  kBodyLacksBom = 29,
  kBodyHasCrlf = 30,
  kBodyLacksCrlf = 31,
  kBodySpaced = 32,       // Arrived with blanks that were not signed.
  kBodyCompacted = 33,    // Arrived without blanks that were signed.
  kBodyByJsonDumps = 34,  // Signed as Python's json.dumps spells it.
  kBodyEscaped = 35,      // Arrived with \u escapes that were not signed.
  kBodyBase64 = 36,       // Arrived in base64.
  kBodyCompressed = 37,   // Arrived as gzip.
  kBodyTruncated = 38,    // JSON that ends early.
  // Limits.
  kBodyTooLarge = 39,
  kSearchLimited = 40,
};

enum class Certainty : std::uint8_t {
  kUnspecified = 0,
  kCertain = 1,  // A digest matched.
  kHint = 2,     // It looks like it.
};

struct Finding {
  FindingKind kind = FindingKind::kUnspecified;
  Certainty certainty = Certainty::kUnspecified;
  std::string secret_name;  // Empty where no secret is concerned.
  // One sentence that says what to change. It holds nothing of a secret (not
  // even its name), of a digest or of a body.
  std::string text;

  friend bool operator==(const Finding&, const Finding&) = default;
};

// The name in the contract, such as `SECRET_HAS_LINE_BREAK`.
std::string_view FindingKindName(FindingKind kind);
std::string_view CertaintyName(Certainty certainty);

// A certain finding: a digest matched once all of `kinds` were undone;
// kSignatureMatches without any, kCombination with several.
Finding CertainFinding(std::span<const FindingKind> kinds,
                       std::string_view secret_name);

// A hint of `kind`, in its own words.
Finding HintFinding(FindingKind kind);

}  // namespace tuco

#endif  // TUCO_FINDING_H_

#include "tuco/finding.h"

#include <array>
#include <cstddef>

namespace tuco {
namespace {

struct Wording {
  std::string_view name;
  // Goes on from `It would match if `; empty for what is only a hint.
  std::string_view condition;
  // A sentence; empty for what is only certain.
  std::string_view hint;
};

constexpr std::string_view kAsItArrived = ": hand on the bytes as they arrived";

// In the order of the enumerators.
constexpr std::array<Wording, 41> kWordings = {{
    {"UNSPECIFIED", "", ""},
    {"SIGNATURE_MATCHES", "", ""},
    {"COMBINATION", "", ""},
    {"SIGNATURE_MISSING", "",
     "There is no signature: look for what drops the header X-Tuco-Signature "
     "on the way."},
    {"SIGNATURE_MALFORMED", "", "Expected 64 hexadecimal digits."},
    {"SIGNATURE_REPEATED",
     "the header held that one signature only: see that nothing joins several "
     "values or adds a header",
     "The header holds several values where one is expected: see that nothing "
     "adds a second X-Tuco-Signature or joins several."},
    {"SIGNATURE_PREFIX",
     "the signature came without the prefix that names the algorithm: take it "
     "off",
     "The signature has a prefix, which Tuco does not send: 64 hexadecimal "
     "digits and nothing else are expected."},
    {"SIGNATURE_BASE64",
     "the signature were spelt in hexadecimal instead of base64",
     "The signature looks like base64: 64 hexadecimal digits are expected."},
    {"SIGNATURE_SURROUNDED",
     "the signature came without the quotes or line breaks around it: take "
     "them off",
     "The signature has quotes or line breaks around it, which Tuco does not "
     "send."},
    {"SIGNATURE_UPPER_CASE", "",
     "The signature has upper-case digits: they are accepted, but Tuco writes "
     "lower case, so something else made or rewrote it."},
    {"SIGNATURE_OTHER_ALGORITHM", "",
     "The signature is as long as one of another algorithm, such as MD5, SHA-1 "
     "or SHA-512: HMAC-SHA256 in 64 hexadecimal digits is expected."},
    {"UNKEYED_DIGEST",
     "it had been made with the secret: it is the plain SHA-256 of the body, "
     "where HMAC-SHA256 is expected",
     ""},
    {"KEY_AND_BODY_SWAPPED",
     "the secret were HMAC's key and the body its message: the sender passes "
     "them the other way round",
     ""},
    {"TIMESTAMP_SIGNED",
     "the sender signed the body alone: it signs the timestamp and then the "
     "body",
     ""},
    {"SECRET_EMPTY",
     "the sender had a secret: it signs with an empty one, as when a variable "
     "is not set",
     ""},
    {"SECRET_HAS_LINE_BREAK",
     "the configured secret did not end with a line break: take it off", ""},
    {"SECRET_LACKS_LINE_BREAK",
     "the sender's secret did not end with a line break: take it off there",
     ""},
    {"SECRET_HAS_BLANKS",
     "the configured secret had no blanks around it: take them off", ""},
    {"SECRET_LACKS_BLANKS",
     "the sender's secret had no blank before or after it: take it off there",
     ""},
    {"SECRET_HAS_QUOTES",
     "the configured secret had no quotes around it: take them off", ""},
    {"SECRET_HAS_BOM",
     "the configured secret did not begin with a byte order mark: save it "
     "without one",
     ""},
    {"SECRET_PREFIX_STRIPPED",
     "the sender used the whole secret: it leaves the prefix whsec_ out", ""},
    {"SECRET_BASE64_DECODED",
     "the sender used the secret's text as it is: it decodes it from base64 "
     "first",
     ""},
    {"SECRET_HEX_DECODED",
     "the sender used the secret's text as it is: it decodes it from "
     "hexadecimal first",
     ""},
    {"BODY_EMPTY", "",
     "The body is empty: look for what reads it before the signature is "
     "verified, or drops it on the way."},
    {"BODY_NOT_SIGNED",
     "the body had been signed: the signature is that of an empty body", ""},
    {"BODY_HAS_LINE_BREAK",
     "the body did not end with a line break that was not signed", ""},
    {"BODY_LACKS_LINE_BREAK",
     "the body ended with the line break that was signed", ""},
    {"BODY_HAS_BOM",
     "the body did not begin with a byte order mark that was not signed", ""},
    {"BODY_LACKS_BOM",
     "the body began with the byte order mark that was signed", ""},
    {"BODY_HAS_CRLF",
     "the body's line breaks were LF as they were signed, and not CRLF", ""},
    {"BODY_LACKS_CRLF",
     "the body's line breaks were CRLF as they were signed, and not LF", ""},
    {"BODY_SPACED",
     "the body were compact, as it was signed, and not printed again with "
     "other blanks",
     ""},
    {"BODY_COMPACTED",
     "the body were pretty-printed, as it was signed, and not compact", ""},
    {"BODY_BY_JSON_DUMPS",
     "the body were spelt as Python's json.dumps does it, with blanks or \\u "
     "escapes, which is what was signed",
     ""},
    {"BODY_ESCAPED",
     "the body held its characters as they were signed and not as \\u "
     "escapes",
     ""},
    {"BODY_BASE64", "the body were decoded from base64 first", ""},
    {"BODY_COMPRESSED", "",
     "The body is compressed (gzip): verify what it decompresses to, or "
     "forbid the compression."},
    {"BODY_TRUNCATED", "",
     "The body is JSON that ends early: look for a limit that cuts it off."},
    {"BODY_TOO_LARGE", "",
     "The body is larger than what is looked into (1 MiB): only the form of "
     "the signature was examined."},
    {"SEARCH_LIMITED", "",
     "Not everything was tried: explain it again with fewer secrets."},
}};

const Wording& WordingOf(FindingKind kind) {
  const auto index = static_cast<std::size_t>(kind);
  return kWordings[index < kWordings.size() ? index : 0];
}

// Whether the body was changed on its way, and not just signed differently.
bool IsChangeOfBody(FindingKind kind) {
  return kind >= FindingKind::kBodyHasLineBreak &&
         kind <= FindingKind::kBodyEscaped &&
         kind != FindingKind::kBodyByJsonDumps;
}

std::string CertainText(std::span<const FindingKind> kinds) {
  if (kinds.empty()) {
    return "It matches under this secret: if it was refused, then because "
           "other secrets were tried.";
  }
  std::string text = "It would match if ";
  for (const FindingKind kind : kinds) {
    if (kind != kinds.front()) text += ", and if ";
    text += WordingOf(kind).condition;
    if (IsChangeOfBody(kind)) text += kAsItArrived;
  }
  return text + ".";
}

FindingKind OneKind(std::span<const FindingKind> kinds) {
  if (kinds.empty()) return FindingKind::kSignatureMatches;
  return kinds.size() == 1 ? kinds.front() : FindingKind::kCombination;
}

}  // namespace

std::string_view FindingKindName(FindingKind kind) {
  return WordingOf(kind).name;
}

std::string_view CertaintyName(Certainty certainty) {
  switch (certainty) {
    case Certainty::kCertain:
      return "CERTAIN";
    case Certainty::kHint:
      return "HINT";
    default:
      return "UNSPECIFIED";
  }
}

Finding CertainFinding(std::span<const FindingKind> kinds,
                       std::string_view secret_name) {
  return {OneKind(kinds), Certainty::kCertain, std::string(secret_name),
          CertainText(kinds)};
}

Finding HintFinding(FindingKind kind) {
  return {kind, Certainty::kHint, {}, std::string(WordingOf(kind).hint)};
}

}  // namespace tuco

#include "_core/enums.h"

#include <pybind11/native_enum.h>

#include <array>
#include <cstddef>

#include "_core/event_classes.h"
#include "tuco/finding.h"

namespace tuco::python {
namespace {

template <typename Enum>
struct Named {
  const char* name;
  Enum value;
};

template <typename Enum, std::size_t Size>
using Names = std::array<Named<Enum>, Size>;

constexpr Names<EventType, 7> kEventTypes = {{
    {"UNSPECIFIED", EventType::kUnspecified},
    {"MESSAGE_SENT", EventType::kMessageSent},
    {"MESSAGE_FAILED", EventType::kMessageFailed},
    {"MESSAGE_FALLBACK", EventType::kMessageFallback},
    {"MESSAGE_REPLY", EventType::kMessageReply},
    {"MESSAGE_OPENED", EventType::kMessageOpened},
    {"MESSAGE_DELIVERED", EventType::kMessageDelivered},
}};

constexpr Names<Flag, 11> kFlags = {{
    {"TEST", Flag::kTest},
    {"LATE", Flag::kLate},
    {"EARLY", Flag::kEarly},
    {"NO_TIMESTAMP", Flag::kNoTimestamp},
    {"DUPLICATE_KEYS", Flag::kDuplicateKeys},
    {"HEADER_MISMATCH", Flag::kHeaderMismatch},
    {"PARSE_ERROR", Flag::kParseError},
    {"TOO_DEEP", Flag::kTooDeep},
    {"ILL_FORMED_TEXT", Flag::kIllFormedText},
    {"SUSPECTED_DUPLICATE", Flag::kSuspectedDuplicate},
    {"WORKSPACE_MISMATCH", Flag::kWorkspaceMismatch},
}};

constexpr Names<Shape, 8> kShapes = {{
    {"UNSPECIFIED", Shape::kUnspecified},
    {"S1", Shape::kS1},
    {"S2", Shape::kS2},
    {"S3", Shape::kS3},
    {"S4", Shape::kS4},
    {"S5", Shape::kS5},
    {"S6", Shape::kS6},
    {"TEST", Shape::kTest},
}};

constexpr Names<VerifiedForm, 3> kVerifiedForms = {{
    {"UNSPECIFIED", VerifiedForm::kUnspecified},
    {"RAW", VerifiedForm::kRaw},
    {"CANONICAL", VerifiedForm::kCanonical},
}};

constexpr Names<Origin, 5> kOrigins = {{
    {"UNSPECIFIED", Origin::kUnspecified},
    {"LIVE", Origin::kLive},
    {"QUARANTINE", Origin::kQuarantine},
    {"SPOOL", Origin::kSpool},
    {"BACKFILL", Origin::kBackfill},
}};

constexpr Names<Reason, 10> kReasons = {{
    {"UNSPECIFIED", Reason::kUnspecified},
    {"SIGNATURE_MISSING", Reason::kSignatureMissing},
    {"SIGNATURE_REPEATED", Reason::kSignatureRepeated},
    {"SIGNATURE_MALFORMED", Reason::kSignatureMalformed},
    {"SIGNATURE_MISMATCH", Reason::kSignatureMismatch},
    {"CANONICAL_DEFERRED", Reason::kCanonicalDeferred},
    {"ENDPOINT_UNKNOWN", Reason::kEndpointUnknown},
    {"BODY_TOO_LARGE", Reason::kBodyTooLarge},
    {"ENCODING_UNSUPPORTED", Reason::kEncodingUnsupported},
    {"REPLAY_BOUNDS", Reason::kReplayBounds},
}};

constexpr Names<FindingKind, 41> kFindingKinds = {{
    {"UNSPECIFIED", FindingKind::kUnspecified},
    {"SIGNATURE_MATCHES", FindingKind::kSignatureMatches},
    {"COMBINATION", FindingKind::kCombination},
    {"SIGNATURE_MISSING", FindingKind::kSignatureMissing},
    {"SIGNATURE_MALFORMED", FindingKind::kSignatureMalformed},
    {"SIGNATURE_REPEATED", FindingKind::kSignatureRepeated},
    {"SIGNATURE_PREFIX", FindingKind::kSignaturePrefix},
    {"SIGNATURE_BASE64", FindingKind::kSignatureBase64},
    {"SIGNATURE_SURROUNDED", FindingKind::kSignatureSurrounded},
    {"SIGNATURE_UPPER_CASE", FindingKind::kSignatureUpperCase},
    {"SIGNATURE_OTHER_ALGORITHM", FindingKind::kSignatureOtherAlgorithm},
    {"UNKEYED_DIGEST", FindingKind::kUnkeyedDigest},
    {"KEY_AND_BODY_SWAPPED", FindingKind::kKeyAndBodySwapped},
    {"TIMESTAMP_SIGNED", FindingKind::kTimestampSigned},
    {"SECRET_EMPTY", FindingKind::kSecretEmpty},
    {"SECRET_HAS_LINE_BREAK", FindingKind::kSecretHasLineBreak},
    {"SECRET_LACKS_LINE_BREAK", FindingKind::kSecretLacksLineBreak},
    {"SECRET_HAS_BLANKS", FindingKind::kSecretHasBlanks},
    {"SECRET_LACKS_BLANKS", FindingKind::kSecretLacksBlanks},
    {"SECRET_HAS_QUOTES", FindingKind::kSecretHasQuotes},
    {"SECRET_HAS_BOM", FindingKind::kSecretHasBom},
    {"SECRET_PREFIX_STRIPPED", FindingKind::kSecretPrefixStripped},
    {"SECRET_BASE64_DECODED", FindingKind::kSecretBase64Decoded},
    {"SECRET_HEX_DECODED", FindingKind::kSecretHexDecoded},
    {"BODY_EMPTY", FindingKind::kBodyEmpty},
    {"BODY_NOT_SIGNED", FindingKind::kBodyNotSigned},
    {"BODY_HAS_LINE_BREAK", FindingKind::kBodyHasLineBreak},
    {"BODY_LACKS_LINE_BREAK", FindingKind::kBodyLacksLineBreak},
    {"BODY_HAS_BOM", FindingKind::kBodyHasBom},
    {"BODY_LACKS_BOM", FindingKind::kBodyLacksBom},
    {"BODY_HAS_CRLF", FindingKind::kBodyHasCrlf},
    {"BODY_LACKS_CRLF", FindingKind::kBodyLacksCrlf},
    {"BODY_SPACED", FindingKind::kBodySpaced},
    {"BODY_COMPACTED", FindingKind::kBodyCompacted},
    {"BODY_BY_JSON_DUMPS", FindingKind::kBodyByJsonDumps},
    {"BODY_ESCAPED", FindingKind::kBodyEscaped},
    {"BODY_BASE64", FindingKind::kBodyBase64},
    {"BODY_COMPRESSED", FindingKind::kBodyCompressed},
    {"BODY_TRUNCATED", FindingKind::kBodyTruncated},
    {"BODY_TOO_LARGE", FindingKind::kBodyTooLarge},
    {"SEARCH_LIMITED", FindingKind::kSearchLimited},
}};

constexpr Names<Certainty, 3> kCertainties = {{
    {"UNSPECIFIED", Certainty::kUnspecified},
    {"CERTAIN", Certainty::kCertain},
    {"HINT", Certainty::kHint},
}};

template <typename Table, typename Enum>
std::string NameIn(const Table& table, const char* prefix, Enum value) {
  for (const auto& named : table) {
    if (named.value == value) return std::string(prefix) + named.name;
  }
  return std::string(prefix) + table.front().name;
}

// Requires values that count up from 0.
template <typename Table>
std::vector<std::string_view> NamesOf(const Table& table) {
  std::vector<std::string_view> names;
  names.reserve(table.size());
  for (const auto& named : table) names.emplace_back(named.name);
  return names;
}

template <typename Enum, std::size_t Size>
void AddEnum(pybind11::module_& module, const char* name, const char* doc,
             const Names<Enum, Size>& table) {
  pybind11::native_enum<Enum> added(module, name, "enum.IntEnum", doc);
  for (const auto& named : table) added.value(named.name, named.value);
  added.finalize();
  module.attr(name).attr("__module__") = kPackage;
}

}  // namespace

std::string JsonName(EventType value) {
  return NameIn(kEventTypes, "EVENT_TYPE_", value);
}
std::string JsonName(Flag value) { return NameIn(kFlags, "FLAG_", value); }
std::string JsonName(Shape value) { return NameIn(kShapes, "SHAPE_", value); }
std::string JsonName(VerifiedForm value) {
  return NameIn(kVerifiedForms, "VERIFIED_FORM_", value);
}
std::string JsonName(Origin value) {
  return NameIn(kOrigins, "ORIGIN_", value);
}

std::vector<std::string_view> EventTypeNames() { return NamesOf(kEventTypes); }
std::vector<std::string_view> ShapeNames() { return NamesOf(kShapes); }
std::vector<std::string_view> VerifiedFormNames() {
  return NamesOf(kVerifiedForms);
}
std::vector<std::string_view> OriginNames() { return NamesOf(kOrigins); }

void AddEnums(pybind11::module_& module) {
  AddEnum(module, "EventType", "What happened to a message.", kEventTypes);
  AddEnum(module, "Flag",
          "What to know about an event before trusting it blindly.", kFlags);
  AddEnum(module, "Shape", "Which of Tuco's body shapes was recognised.",
          kShapes);
  AddEnum(module, "VerifiedForm", "The bytes that the signature covers.",
          kVerifiedForms);
  AddEnum(module, "Origin", "How the event came into the log.", kOrigins);
  AddEnum(module, "Reason", "Why a delivery does not count as genuine.",
          kReasons);
  AddEnum(module, "FindingKind", "What explains that a signature is wrong.",
          kFindingKinds);
  AddEnum(module, "Certainty", "How sure a finding is.", kCertainties);
}

}  // namespace tuco::python

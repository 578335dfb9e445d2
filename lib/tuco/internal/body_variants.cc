#include "tuco/internal/body_variants.h"

#include <chrono>
#include <string>
#include <vector>

#include "tuco/internal/json_reader.h"
#include "tuco/internal/json_respell.h"
#include "tuco/internal/secret_variants.h"
#include "tuco/strings.h"
#include "tuco/timestamp.h"

namespace tuco::internal {
namespace {

constexpr std::string_view kBom = "\xef\xbb\xbf";

bool StartsWith(std::string_view text, std::string_view prefix) {
  return text.substr(0, prefix.size()) == prefix;
}

std::string ReplaceAll(std::string_view text, std::string_view from,
                       std::string_view to) {
  std::string out;
  while (true) {
    const std::size_t at = text.find(from);
    out.append(text.substr(0, at));
    if (at == std::string_view::npos) return out;
    out.append(to);
    text.remove_prefix(at + from.size());
  }
}

// The text of the top-level member `timestamp`.
std::optional<std::string> TimestampMember(const JsonReader& json) {
  if (json[0].kind != JsonKind::kObject) return std::nullopt;
  for (std::uint32_t i = 1; i < json[0].next; i = json[i].next) {
    const JsonNode& node = json[i];
    if (node.shadowed || json.Key(node) != "timestamp") continue;
    if (node.kind == JsonKind::kNumber) return std::string(json.Raw(node));
    if (node.kind != JsonKind::kString) return std::nullopt;
    std::string scratch;
    return std::string(json.Text(node, scratch));
  }
  return std::nullopt;
}

// How else signers spell the same instant.
std::vector<std::string> TimestampSpellings(std::string_view text) {
  std::vector<std::string> spellings = {std::string(text)};
  if (const auto time = ParseTimestamp(text); time.has_value()) {
    const auto since = time->time_since_epoch();
    using std::chrono::floor;
    spellings.push_back(
        std::to_string(floor<std::chrono::seconds>(since).count()));
    spellings.push_back(
        std::to_string(floor<std::chrono::milliseconds>(since).count()));
  }
  return spellings;
}

// Each of these is whether to go on.
class Visitor {
 public:
  Visitor(std::string_view body, const VisitBody& visit)
      : body_(body), visit_(visit) {}

  bool Offer(FindingKind kind, std::string_view text) const {
    if (text == body_ || text.size() > kBodyVariantBytesMax) return true;
    return visit_(kind, text);
  }

  bool LineBreaks() const {
    if (body_.empty()) return true;
    const std::string_view line_break = StartsWith(LastTwo(), "\r\n") ? "\r\n"
                                        : body_.back() == '\n'        ? "\n"
                                                                      : "";
    return Offer(FindingKind::kBodyHasLineBreak,
                 body_.substr(0, body_.size() - line_break.size())) &&
           Offer(FindingKind::kBodyLacksLineBreak, Concat({body_, "\n"})) &&
           Offer(FindingKind::kBodyLacksLineBreak, Concat({body_, "\r\n"})) &&
           CarriageReturns();
  }

  bool ByteOrderMark() const {
    if (StartsWith(body_, kBom)) {
      return Offer(FindingKind::kBodyHasBom, body_.substr(kBom.size()));
    }
    return Offer(FindingKind::kBodyLacksBom, Concat({kBom, body_}));
  }

  bool Encoding() const {
    std::string decoded;
    return body_.empty() || !DecodeBase64(body_, decoded) ||
           Offer(FindingKind::kBodyBase64, decoded);
  }

  // `json` is the body without its byte order mark.
  bool Spellings(std::string_view json, bool well_formed) const {
    const std::string raw = UnescapeJson(json);
    const std::string ascii = well_formed ? EscapeJson(json) : std::string();
    return Spaced(json) && Pretty(json) && Escaped(json, raw) &&
           ByJsonDumps(json, ascii);
  }

  bool Timestamped(std::string_view timestamp) const {
    for (const std::string& spelt : TimestampSpellings(timestamp)) {
      const bool more =
          Offer(FindingKind::kTimestampSigned, Concat({spelt, ".", body_})) &&
          Offer(FindingKind::kTimestampSigned, Concat({spelt, body_})) &&
          Offer(FindingKind::kTimestampSigned, Concat({spelt, ":", body_})) &&
          Offer(FindingKind::kTimestampSigned,
                Concat({"v0:", spelt, ":", body_}));
      if (!more) return false;
    }
    return true;
  }

 private:
  std::string_view LastTwo() const {
    return body_.size() < 2 ? body_ : body_.substr(body_.size() - 2);
  }

  bool CarriageReturns() const {
    if (body_.find('\n') == std::string_view::npos) return true;
    const std::string lf = ReplaceAll(body_, "\r\n", "\n");
    return Offer(FindingKind::kBodyHasCrlf, lf) &&
           Offer(FindingKind::kBodyLacksCrlf, ReplaceAll(lf, "\n", "\r\n"));
  }

  bool OfferSpaced(FindingKind kind, std::string_view json,
                   JsonSpacing spacing) const {
    const auto text = RespaceJson(json, spacing, kBodyVariantBytesMax);
    return !text.has_value() || Offer(kind, *text);
  }

  bool Spaced(std::string_view json) const {
    return OfferSpaced(FindingKind::kBodySpaced, json, JsonSpacing::kCompact);
  }

  bool Pretty(std::string_view json) const {
    constexpr FindingKind kKind = FindingKind::kBodyCompacted;
    return OfferSpaced(kKind, json, JsonSpacing::kTwoBlanks) &&
           OfferSpaced(kKind, json, JsonSpacing::kFourBlanks) &&
           OfferSpaced(kKind, json, JsonSpacing::kTab);
  }

  bool Escaped(std::string_view json, const std::string& raw) const {
    constexpr FindingKind kKind = FindingKind::kBodyEscaped;
    return raw == json || (OfferSpaced(kKind, raw, JsonSpacing::kCompact) &&
                           OfferSpaced(kKind, raw, JsonSpacing::kTwoBlanks) &&
                           OfferSpaced(kKind, raw, JsonSpacing::kFourBlanks));
  }

  bool ByJsonDumps(std::string_view json, const std::string& ascii) const {
    constexpr FindingKind kKind = FindingKind::kBodyByJsonDumps;
    if (!OfferSpaced(kKind, json, JsonSpacing::kPython)) return false;
    return ascii.empty() || ascii == json ||
           (OfferSpaced(kKind, ascii, JsonSpacing::kPython) &&
            OfferSpaced(kKind, ascii, JsonSpacing::kCompact) &&
            OfferSpaced(kKind, ascii, JsonSpacing::kTwoBlanks) &&
            OfferSpaced(kKind, ascii, JsonSpacing::kFourBlanks));
  }

  std::string_view body_;
  const VisitBody& visit_;
};

}  // namespace

void VisitBodyVariants(std::string_view body,
                       std::optional<std::string_view> timestamp_header,
                       const VisitBody& visit) {
  const Visitor visitor(body, visit);
  if (!visitor.LineBreaks() || !visitor.ByteOrderMark()) return;
  const std::string_view text =
      StartsWith(body, kBom) ? body.substr(kBom.size()) : body;
  std::optional<std::string> member;
  JsonReader json;
  if (json.Parse(text)) {
    if (!visitor.Spellings(text, !json.bad_utf8())) return;
    member = TimestampMember(json);
  }
  if (member.has_value() && !visitor.Timestamped(*member)) return;
  if (timestamp_header.has_value() && timestamp_header != member &&
      !visitor.Timestamped(*timestamp_header)) {
    return;
  }
  if (visitor.Encoding()) visitor.Offer(FindingKind::kBodyNotSigned, "");
}

bool IsTruncatedJson(std::string_view body) {
  std::size_t depth = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < body.size(); ++i) {
    const char c = body[i];
    if (c == '"') in_string = !in_string;
    if (in_string && c == '\\') ++i;
    if (in_string) continue;
    if (c == '{' || c == '[') ++depth;
    if (c == '}' || c == ']') {
      if (depth <= 1) return false;
      --depth;
    }
    // Not an object or array from its first byte on.
    if (depth == 0 && !IsJsonBlank(c)) return false;
  }
  return depth > 0;
}

}  // namespace tuco::internal

#include "_core/deliveries/line_parser.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "_core/deliveries/json_mistake.h"
#include "_core/deliveries/unescape.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "tuco/digest.h"
#include "tuco/event.h"
#include "tuco/event_id.h"
#include "tuco/strings.h"

namespace tuco::python::deliveries {
namespace {

using internal::JsonKind;
using internal::JsonNode;
using internal::JsonReader;

using Result = std::optional<LineMistake>;

constexpr std::string_view kBlanks = " \t\r";

LineMistake Wrong(std::string message, std::size_t column = 1) {
  return {.column = column, .message = std::move(message)};
}

std::string_view NameOf(JsonKind kind) {
  switch (kind) {
    case JsonKind::kArray:
      return "an array";
    case JsonKind::kString:
      return "a string";
    case JsonKind::kNumber:
      return "a number";
    default:
      return "a literal";
  }
}

std::string_view WithoutReturn(std::string_view line) {
  return line.ends_with('\r') ? line.substr(0, line.size() - 1) : line;
}

// The members of a line that say what it is; null counts as missing.
struct Members {
  explicit Members(const JsonReader& json) {
    for (std::uint32_t i = 1; i < json[0].next; i = json[i].next) {
      const JsonNode& node = json[i];
      if (node.kind == JsonKind::kNull) continue;
      const std::string_view key = json.Key(node);
      if (key == "headers") headers = &node;
      if (key == "body") body = &node;
      if (key == "bodyBase64") body_base64 = &node;
      if (key == "event") event = &node;
      if (key == "eventId") event_id = &node;
      if (key == "endpoint") endpoint = &node;
      if (key == "receivedAt") received_at = &node;
      if (key == "headersDiffered") headers_differed = &node;
    }
  }

  bool IsDelivery() const {
    return event == nullptr &&
           (headers != nullptr || body != nullptr || body_base64 != nullptr);
  }

  const JsonNode* headers = nullptr;
  const JsonNode* body = nullptr;
  const JsonNode* body_base64 = nullptr;
  const JsonNode* event = nullptr;
  const JsonNode* event_id = nullptr;
  const JsonNode* endpoint = nullptr;
  const JsonNode* received_at = nullptr;
  const JsonNode* headers_differed = nullptr;
};

// The digits of a signature as events have them, nothing for what is none.
std::optional<std::string> Normalized(std::string_view signature) {
  const std::size_t begin = signature.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos) return std::nullopt;
  const std::size_t end = signature.find_last_not_of(kBlanks) + 1;
  const std::optional<Digest> digest =
      DigestFromHex(signature.substr(begin, end - begin));
  if (!digest) return std::nullopt;
  return ToHex(*digest);
}

// Reads a line that is a delivery. Each step says what is wrong, if anything.
class DeliveryLine {
 public:
  DeliveryLine(const JsonReader& json, const Members& members,
               ArchivedDelivery& delivery)
      : json_(json), members_(members), delivery_(delivery) {}

  Result Read() {
    // What could not be kept as it is is refused.
    if (json_.bad_utf8()) return Wrong("the line is not UTF-8");
    if (json_.duplicate_keys()) return Wrong("a key comes twice");
    if (json_.ill_formed_text()) {
      return Wrong("text holds half of a surrogate pair");
    }
    Result wrong = ReadHeaders();
    if (!wrong) wrong = ReadBody();
    if (!wrong) wrong = ReadArrival();
    return wrong;
  }

 private:
  static LineMistake WrongAt(const JsonNode& node, std::string message) {
    return Wrong(std::move(message), node.begin + 1);
  }

  // A string member; missing ones leave `text` as it is.
  Result ReadText(const JsonNode* node, std::string_view name,
                  std::string& text) const {
    if (node == nullptr) return std::nullopt;
    if (node->kind != JsonKind::kString) {
      return WrongAt(*node, Concat({"\"", name, "\" is not a string"}));
    }
    std::string scratch;
    text = json_.Text(*node, scratch);
    return std::nullopt;
  }

  Result ReadBody() const {
    const JsonNode* const text = members_.body;
    const JsonNode* const base64 = members_.body_base64;
    if (text != nullptr && base64 != nullptr) {
      return WrongAt(*base64, R"(both "body" and "bodyBase64")");
    }
    if (text != nullptr) return ReadBodyText(*text);
    if (base64 == nullptr) return Wrong(R"(neither "body" nor "bodyBase64")");
    std::string spelt;
    if (Result wrong = ReadText(base64, "bodyBase64", spelt)) return wrong;
    if (absl::Base64Unescape(spelt, &delivery_.body)) return std::nullopt;
    return WrongAt(*base64, R"("bodyBase64" is not base64)");
  }

  Result ReadBodyText(const JsonNode& node) const {
    if (node.kind != JsonKind::kString) {
      return WrongAt(node, R"("body" is not a string)");
    }
    const std::string_view spelt = json_.Raw(node);
    Unescape(spelt.substr(1, spelt.size() - 2), delivery_.body);
    return std::nullopt;
  }

  Result ReadHeaders() const {
    const JsonNode* const headers = members_.headers;
    if (headers == nullptr) return std::nullopt;
    if (headers->kind != JsonKind::kObject) {
      return WrongAt(*headers, R"("headers" is not an object)");
    }
    for (std::uint32_t i = IndexOf(*headers) + 1; i < headers->next;
         i = json_[i].next) {
      if (Result wrong = ReadHeader(json_[i])) return wrong;
    }
    return std::nullopt;
  }

  // A value is a string, null, or a list of strings for a header that came more
  // than once.
  Result ReadHeader(const JsonNode& header) const {
    if (!absl::EqualsIgnoreCase(ToAbsl(json_.Key(header)),
                                "x-tuco-signature")) {
      return std::nullopt;
    }
    if (header.kind == JsonKind::kNull) return std::nullopt;
    if (header.kind != JsonKind::kArray) return ReadSignature(header);
    for (std::uint32_t i = IndexOf(header) + 1; i < header.next;
         i = json_[i].next) {
      if (Result wrong = ReadSignature(json_[i])) return wrong;
    }
    return std::nullopt;
  }

  Result ReadSignature(const JsonNode& value) const {
    if (++delivery_.signatures > 1) return std::nullopt;
    return ReadText(&value, "x-tuco-signature", delivery_.signature);
  }

  Result ReadArrival() const {
    Result wrong = ReadText(members_.endpoint, "endpoint", delivery_.endpoint);
    if (wrong) return wrong;
    std::string time;
    wrong = ReadText(members_.received_at, "receivedAt", time);
    if (wrong) return wrong;
    if (members_.received_at != nullptr) {
      delivery_.received_at = ParseTimestamp(time);
      if (!delivery_.received_at) {
        return WrongAt(*members_.received_at, R"("receivedAt" is not a time)");
      }
    }
    const JsonNode* const differed = members_.headers_differed;
    delivery_.headers_differed =
        differed != nullptr && differed->kind == JsonKind::kTrue;
    return std::nullopt;
  }

  std::uint32_t IndexOf(const JsonNode& node) const {
    return static_cast<std::uint32_t>(&node - &json_[0]);
  }

  const JsonReader& json_;
  const Members& members_;
  ArchivedDelivery& delivery_;
};

}  // namespace

LineParser::LineParser(const LineOptions& options)
    : options_(options), builder_(options.columns), row_(builder_) {}

// Archives have lines of one kind, nearly always: what the last line was, the
// next ones are taken for.
void LineParser::Foresee(std::span<const std::string_view> lines) {
  foreseen_begin_ = foreseen_end_ = 0;
  if (!bodies_ || !builder_.has(table::Column::kEventId)) return;
  for (const std::string_view line : lines) {
    foreseen_[foreseen_end_++] = WithoutReturn(line);
  }
  DuplicateKeys(options_.endpoint, std::span(foreseen_).first(foreseen_end_),
                std::span(keys_).first(foreseen_end_));
}

Digest LineParser::KeyOf(std::string_view endpoint, std::string_view body) {
  for (; foreseen_begin_ < foreseen_end_; ++foreseen_begin_) {
    if (foreseen_[foreseen_begin_].data() == body.data()) {
      return keys_[foreseen_begin_];
    }
  }
  return DuplicateKey(endpoint, body);
}

Result LineParser::Parse(std::string_view line) {
  line = WithoutReturn(line);
  if (line.find_first_not_of(kBlanks) == std::string_view::npos) {
    return std::nullopt;
  }
  if (line.size() > kLineBytesMax) {
    return Wrong("the line is longer than 16 MiB", kLineBytesMax + 1);
  }
  if (!json_.Parse(line)) {
    const std::size_t at = JsonMistake(line);
    return Wrong(at == line.size() ? "the JSON ends too early" : "not JSON",
                 at + 1);
  }
  if (json_[0].kind != JsonKind::kObject) {
    return Wrong(
        Concat({"expected a JSON object, found ", NameOf(json_[0].kind)}),
        json_[0].begin + 1);
  }
  const Members members(json_);
  if (members.event == nullptr && members.event_id != nullptr) {
    return Wrong(
        "an event instead of a delivery: use `tail --output raw` or `export`");
  }
  bodies_ = !members.IsDelivery();
  if (bodies_) {
    AppendBody(&json_, line, options_.endpoint, std::nullopt, {});
    builder_.EndRow();
    return std::nullopt;
  }
  delivery_.Clear();
  Result wrong = DeliveryLine(json_, members, delivery_).Read();
  if (!wrong) AppendDelivery(delivery_);
  return wrong;
}

void LineParser::AppendDelivery(const ArchivedDelivery& delivery) {
  std::string_view body = delivery.body;
  const std::string_view endpoint =
      delivery.endpoint.empty() ? options_.endpoint : delivery.endpoint;
  const std::optional<Verdict> verdict = Verify(delivery);
  std::optional<Digest> key;
  if (verdict && verdict->genuine()) {
    const VerifiedDelivery& verified = verdict->delivery();
    body = verified.signed_bytes();
    if (endpoint == verified.endpoint()) key = verified.duplicate_key();
    builder_.Enum(table::Column::kVerifiedForm,
                  static_cast<std::uint32_t>(verified.form()));
    builder_.Text(table::Column::kSecretName, verified.secret_name());
  }
  Flags flags;
  if (delivery.headers_differed) flags.Add(Flag::kHeaderMismatch);
  const bool object =
      body_json_.Parse(body) && body_json_[0].kind == JsonKind::kObject;
  AppendBody(object ? &body_json_ : nullptr, body, endpoint, key, flags);
  if (delivery.received_at) {
    builder_.Time(table::Column::kReceivedAt, *delivery.received_at);
  }
  if (builder_.has(table::Column::kSignature)) {
    const auto signature = Normalized(delivery.signature);
    if (signature) builder_.Text(table::Column::kSignature, *signature);
  }
  builder_.EndRow();
}

// Nothing where nothing is to be verified: a repeated signature is none, as for
// the server.
std::optional<Verdict> LineParser::Verify(
    const ArchivedDelivery& delivery) const {
  if (!options_.verifier || delivery.signatures != 1) return std::nullopt;
  return options_.verifier->Verify(delivery.body, delivery.signature,
                                   options_.mode);
}

// The key is computed where it is not known and a column needs it.
void LineParser::AppendBody(const JsonReader* json, std::string_view body,
                            std::string_view endpoint,
                            const std::optional<Digest>& key, Flags flags) {
  row_.Append(json, flags);
  if (row_.NeedsEventId()) {
    row_.AppendEventId(EventId(key ? *key : KeyOf(endpoint, body)));
  }
  builder_.Text(table::Column::kEndpoint, endpoint);
  builder_.Body(body);
}

}  // namespace tuco::python::deliveries

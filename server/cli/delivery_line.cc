#include "server/cli/delivery_line.h"

#include <cstdint>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "server/base/status_macros.h"
#include "tuco/internal/json_reader.h"
#include "tuco/strings.h"

namespace tuco::cli {
namespace {

using internal::JsonKind;
using internal::JsonNode;
using internal::JsonReader;

absl::Status Unreadable(std::string_view why) {
  return absl::InvalidArgumentError(ToAbsl(why));
}

// What could not be kept as it is is refused.
absl::Status ParseObject(std::string_view line, JsonReader& json) {
  const bool parsed = json.Parse(line);
  if (json.bad_utf8()) return Unreadable("not UTF-8");
  if (!parsed || json[0].kind != JsonKind::kObject) {
    return Unreadable("not a JSON object");
  }
  if (json.duplicate_keys()) return Unreadable("a key comes twice");
  if (json.ill_formed_text()) {
    return Unreadable("text holds half of a surrogate pair");
  }
  return absl::OkStatus();
}

// One line's members, by their names. Nulls count as missing.
class Members {
 public:
  explicit Members(const JsonReader& json) : json_(json) {}

  const JsonNode* Find(std::string_view name) const {
    for (std::uint32_t i = 1; i < json_[0].next; i = json_[i].next) {
      if (json_.Key(json_[i]) == name && json_[i].kind != JsonKind::kNull) {
        return &json_[i];
      }
    }
    return nullptr;
  }

  // A string member, empty when missing.
  absl::Status ReadText(std::string_view name, std::string& text) const {
    const JsonNode* const value = Find(name);
    if (value == nullptr) return absl::OkStatus();
    if (value->kind != JsonKind::kString) {
      return Unreadable(Concat({"\"", name, "\" is not a string"}));
    }
    text = Text(*value);
    return absl::OkStatus();
  }

  std::string Text(const JsonNode& node) const {
    std::string scratch;
    return std::string(json_.Text(node, scratch));
  }

  // Hands what is in the array or object `container` to `visit`.
  template <typename Visit>
  absl::Status ForEachIn(const JsonNode& container, const Visit& visit) const {
    const auto first = static_cast<std::uint32_t>(&container - &json_[0]) + 1;
    for (std::uint32_t i = first; i < container.next; i = json_[i].next) {
      TUCO_RETURN_IF_ERROR(visit(json_[i]));
    }
    return absl::OkStatus();
  }

  std::string_view Key(const JsonNode& node) const { return json_.Key(node); }

 private:
  const JsonReader& json_;
};

void TakeHeader(std::string_view name, std::string value,
                DeliveryLine& delivery) {
  if (absl::EqualsIgnoreCase(ToAbsl(name), "x-tuco-signature")) {
    if (++delivery.signatures == 1) delivery.signature = std::move(value);
  } else if (absl::EqualsIgnoreCase(ToAbsl(name), "x-tuco-event")) {
    delivery.event_header = std::move(value);
  } else if (absl::EqualsIgnoreCase(ToAbsl(name), "x-tuco-timestamp")) {
    delivery.timestamp_header = std::move(value);
  }
}

absl::Status ReadHeader(const Members& members, const JsonNode& header,
                        DeliveryLine& delivery) {
  const std::string_view name = members.Key(header);
  const auto take = [&](const JsonNode& value) {
    if (value.kind != JsonKind::kString) {
      return Unreadable("a header is no string");
    }
    TakeHeader(name, members.Text(value), delivery);
    return absl::OkStatus();
  };
  if (header.kind == JsonKind::kNull) return absl::OkStatus();
  if (header.kind == JsonKind::kArray) return members.ForEachIn(header, take);
  return take(header);
}

absl::Status ReadHeaders(const Members& members, DeliveryLine& delivery) {
  const JsonNode* const headers = members.Find("headers");
  if (headers == nullptr || headers->kind != JsonKind::kObject) {
    return Unreadable("\"headers\" is missing or not an object");
  }
  return members.ForEachIn(*headers, [&](const JsonNode& header) {
    return ReadHeader(members, header, delivery);
  });
}

absl::Status ReadBody(const Members& members, DeliveryLine& delivery) {
  const bool text = members.Find("body") != nullptr;
  const bool base64 = members.Find("bodyBase64") != nullptr;
  if (text == base64) {
    return Unreadable(text ? "both \"body\" and \"bodyBase64\""
                           : "neither \"body\" nor \"bodyBase64\"");
  }
  if (text) return members.ReadText("body", delivery.body);
  std::string spelt;
  TUCO_RETURN_IF_ERROR(members.ReadText("bodyBase64", spelt));
  return absl::Base64Unescape(spelt, &delivery.body)
             ? absl::OkStatus()
             : Unreadable("\"bodyBase64\" is not base64");
}

absl::Status ReadArrival(const Members& members, DeliveryLine& delivery) {
  TUCO_RETURN_IF_ERROR(members.ReadText("endpoint", delivery.endpoint));
  std::string time;
  TUCO_RETURN_IF_ERROR(members.ReadText("receivedAt", time));
  if (!time.empty()) {
    delivery.received_at = ParseTimestamp(time);
    if (!delivery.received_at.has_value()) {
      return Unreadable("\"receivedAt\" is not a time");
    }
  }
  const JsonNode* const differed = members.Find("headersDiffered");
  if (differed == nullptr) return absl::OkStatus();
  delivery.headers_differed = differed->kind == JsonKind::kTrue;
  return delivery.headers_differed || differed->kind == JsonKind::kFalse
             ? absl::OkStatus()
             : Unreadable("\"headersDiffered\" is not true or false");
}

}  // namespace

absl::StatusOr<DeliveryLine> ParseDeliveryLine(std::string_view line) {
  JsonReader json;
  TUCO_RETURN_IF_ERROR(ParseObject(line, json));
  const Members members(json);
  DeliveryLine delivery;
  TUCO_RETURN_IF_ERROR(members.ReadText("name", delivery.name));
  TUCO_RETURN_IF_ERROR(members.ReadText("secret", delivery.secret));
  TUCO_RETURN_IF_ERROR(ReadHeaders(members, delivery));
  TUCO_RETURN_IF_ERROR(ReadBody(members, delivery));
  TUCO_RETURN_IF_ERROR(ReadArrival(members, delivery));
  return delivery;
}

}  // namespace tuco::cli

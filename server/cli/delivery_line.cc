#include "server/cli/delivery_line.h"

#include <google/protobuf/struct.pb.h>
#include <google/protobuf/util/json_util.h>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "server/base/status_macros.h"
#include "server/cli/json_text.h"
#include "server/cli/utf8.h"
#include "tuco/strings.h"

namespace tuco::cli {
namespace {

using google::protobuf::Struct;
using google::protobuf::Value;

absl::Status Unreadable(std::string_view why) {
  return absl::InvalidArgumentError(ToAbsl(why));
}

// Protobuf's reader takes more than JSON, such as single quotes, and would
// replace ill-formed UTF-8; so both are looked at before. What it could not
// keep it refuses.
absl::StatusOr<Struct> ParseObject(std::string_view line) {
  if (!IsUtf8(line)) return Unreadable("not UTF-8");
  if (!IsJsonObject(line)) return Unreadable("not a JSON object");
  Struct object;
  const auto status = google::protobuf::util::JsonStringToMessage(
      {line.data(), line.size()}, &object);
  if (status.ok()) return object;
  return Unreadable(
      "a key comes twice, a number is too large, or text holds half of a "
      "surrogate pair");
}

// The member of that name unless it is missing or null.
const Value* Find(const Struct& object, const char* name) {
  const auto at = object.fields().find(name);
  if (at == object.fields().end() || at->second.has_null_value()) {
    return nullptr;
  }
  return &at->second;
}

// A string member, empty when missing.
absl::Status ReadText(const Struct& object, const char* name,
                      std::string& text) {
  const Value* value = Find(object, name);
  if (value == nullptr) return absl::OkStatus();
  if (!value->has_string_value()) {
    return Unreadable(Concat({"\"", name, "\" is not a string"}));
  }
  text = value->string_value();
  return absl::OkStatus();
}

void TakeHeader(absl::string_view name, const std::string& value,
                DeliveryLine& delivery) {
  if (absl::EqualsIgnoreCase(name, "x-tuco-signature")) {
    if (++delivery.signatures == 1) delivery.signature = value;
  } else if (absl::EqualsIgnoreCase(name, "x-tuco-event")) {
    delivery.event_header = value;
  } else if (absl::EqualsIgnoreCase(name, "x-tuco-timestamp")) {
    delivery.timestamp_header = value;
  }
}

absl::Status ReadHeader(const std::string& name, const Value& value,
                        DeliveryLine& delivery) {
  if (value.has_null_value()) return absl::OkStatus();
  if (value.has_string_value()) {
    TakeHeader(name, value.string_value(), delivery);
    return absl::OkStatus();
  }
  for (const Value& item : value.list_value().values()) {
    if (!item.has_string_value()) return Unreadable("a header is no string");
    TakeHeader(name, item.string_value(), delivery);
  }
  return value.has_list_value() ? absl::OkStatus()
                                : Unreadable("a header is no string");
}

absl::Status ReadHeaders(const Struct& object, DeliveryLine& delivery) {
  const Value* headers = Find(object, "headers");
  if (headers == nullptr || !headers->has_struct_value()) {
    return Unreadable("\"headers\" is missing or not an object");
  }
  for (const auto& [name, value] : headers->struct_value().fields()) {
    TUCO_RETURN_IF_ERROR(ReadHeader(name, value, delivery));
  }
  return absl::OkStatus();
}

absl::Status ReadBody(const Struct& object, DeliveryLine& delivery) {
  const bool text = Find(object, "body") != nullptr;
  const bool base64 = Find(object, "bodyBase64") != nullptr;
  if (text == base64) {
    return Unreadable(text ? "both \"body\" and \"bodyBase64\""
                           : "neither \"body\" nor \"bodyBase64\"");
  }
  if (text) return ReadText(object, "body", delivery.body);
  std::string spelt;
  TUCO_RETURN_IF_ERROR(ReadText(object, "bodyBase64", spelt));
  return absl::Base64Unescape(spelt, &delivery.body)
             ? absl::OkStatus()
             : Unreadable("\"bodyBase64\" is not base64");
}

absl::Status ReadArrival(const Struct& object, DeliveryLine& delivery) {
  TUCO_RETURN_IF_ERROR(ReadText(object, "endpoint", delivery.endpoint));
  std::string time;
  TUCO_RETURN_IF_ERROR(ReadText(object, "receivedAt", time));
  if (!time.empty()) {
    delivery.received_at = ParseTimestamp(time);
    if (!delivery.received_at.has_value()) {
      return Unreadable("\"receivedAt\" is not a time");
    }
  }
  const Value* const differed = Find(object, "headersDiffered");
  if (differed == nullptr) return absl::OkStatus();
  if (!differed->has_bool_value()) {
    return Unreadable("\"headersDiffered\" is not true or false");
  }
  delivery.headers_differed = differed->bool_value();
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<DeliveryLine> ParseDeliveryLine(std::string_view line) {
  TUCO_ASSIGN_OR_RETURN(const Struct object, ParseObject(line));
  DeliveryLine delivery;
  TUCO_RETURN_IF_ERROR(ReadText(object, "name", delivery.name));
  TUCO_RETURN_IF_ERROR(ReadText(object, "secret", delivery.secret));
  TUCO_RETURN_IF_ERROR(ReadHeaders(object, delivery));
  TUCO_RETURN_IF_ERROR(ReadBody(object, delivery));
  TUCO_RETURN_IF_ERROR(ReadArrival(object, delivery));
  return delivery;
}

}  // namespace tuco::cli

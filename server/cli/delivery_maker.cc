#include "server/cli/delivery_maker.h"

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <utility>

#include "server/base/status_macros.h"
#include "tuco/digest.h"
#include "tuco/hmac_sha256.h"

namespace tuco::cli {
namespace {

constexpr std::size_t kRandomIdBytes = 8;

// The last value that `--field` gave the top-level member `name` as a plain
// string, so that the unsigned headers agree with the body.
std::string HeaderValue(const JsonTree& body, std::string_view name,
                        const std::string& made) {
  const JsonTree* member = body.Find(name);
  const std::string json = member == nullptr ? "" : member->ToString();
  const bool plain = json.size() > 2 && json.starts_with('"') &&
                     json.find('\\') == std::string::npos;
  return plain ? json.substr(1, json.size() - 2) : made;
}

}  // namespace

absl::StatusOr<Delivery> MakeDelivery(const DeliveryOrder& order) {
  JsonTree body = MakeBody(order);
  for (const FieldSetting& field : order.fields) {
    TUCO_RETURN_IF_ERROR(body.Set(field.path, field.value));
  }
  return Delivery{body.ToString(), HeaderValue(body, "event", order.kind.event),
                  HeaderValue(body, "timestamp", FormatTimestamp(order.now))};
}

std::string NewMessageId(Timestamp now) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(now);
  char text[9];
  std::snprintf(text, sizeof text, "%08x",
                static_cast<std::uint32_t>(seconds.time_since_epoch().count()));
  return text + ToHex(RandomBytes(kRandomIdBytes));
}

}  // namespace tuco::cli

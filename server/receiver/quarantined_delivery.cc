#include "server/receiver/quarantined_delivery.h"

#include <algorithm>
#include <charconv>

#include "tuco/digest.h"
#include "tuco/strings.h"

namespace tuco::receiver {
namespace {

constexpr std::string_view kIdPrefix = "q_";
constexpr std::string_view kSignature = "x-tuco-signature";
constexpr std::string_view kEvent = "x-tuco-event";
constexpr std::string_view kTimestamp = "x-tuco-timestamp";

std::string HeaderLine(std::string_view name, std::string_view value) {
  return Concat({name, ": ", value, "\n"});
}

// What is known of the headers of a delivery that did not come by HTTP.
std::string KnownHeaders(const Delivery& delivery) {
  std::string lines;
  for (std::size_t i = 0; i < delivery.signatures; ++i) {
    lines += HeaderLine(kSignature, delivery.signature);
  }
  if (delivery.event_header.has_value()) {
    lines += HeaderLine(kEvent, *delivery.event_header);
  }
  if (delivery.timestamp_header.has_value()) {
    lines += HeaderLine(kTimestamp, *delivery.timestamp_header);
  }
  return lines;
}

// What names no endpoint may be anything.
std::string PrintableText(std::string_view text) {
  std::string printable(text);
  for (char& c : printable) {
    if (c <= ' ' || c > '~') c = '?';
  }
  return printable;
}

}  // namespace

std::string QuarantineIdText(std::uint64_t id) {
  return Concat({kIdPrefix, std::to_string(id)});
}

absl::StatusOr<std::uint64_t> ParseQuarantineId(std::string_view text) {
  std::string_view digits = text;
  std::uint64_t id = 0;
  if (digits.starts_with(kIdPrefix)) {
    digits.remove_prefix(kIdPrefix.size());
    const auto [end, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), id);
    if (error == std::errc() && end == digits.data() + digits.size() &&
        id > 0 && id <= INT64_MAX) {
      return id;
    }
  }
  return absl::InvalidArgumentError(
      "expected the id of a quarantined delivery, such as q_42");
}

std::shared_ptr<log::QuarantineEntry> MakeEntry(std::string_view endpoint,
                                                const Delivery& delivery,
                                                Reason reason) {
  auto entry = std::make_shared<log::QuarantineEntry>();
  entry->endpoint = PrintableText(endpoint);
  entry->source = delivery.source;
  entry->reason = static_cast<std::uint32_t>(reason);
  entry->received_at = delivery.received_at.value();
  entry->headers =
      delivery.headers ? delivery.headers() : KnownHeaders(delivery);
  entry->body_bytes = delivery.body.size();
  entry->body = std::string(delivery.body);
  return entry;
}

std::shared_ptr<log::QuarantineEntry> MakeEntry(const log::Record& record,
                                                std::string_view source,
                                                Reason reason) {
  const std::string signature = ToHex(record.signature);
  return MakeEntry(record.endpoint,
                   {.body = record.body,
                    .source = source,
                    .signatures = 1,
                    .signature = signature,
                    .event_header = std::nullopt,
                    .timestamp_header = std::nullopt,
                    .received_at = record.received_at,
                    .headers = nullptr},
                   reason);
}

std::vector<std::pair<std::string_view, std::string_view>> HeadersOf(
    const log::QuarantineEntry& entry) {
  std::vector<std::pair<std::string_view, std::string_view>> headers;
  std::string_view rest = entry.headers;
  while (!rest.empty()) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    const std::size_t colon = line.find(": ");
    if (colon == std::string_view::npos) continue;
    headers.emplace_back(line.substr(0, colon), line.substr(colon + 2));
  }
  return headers;
}

Delivery DeliveryOf(const log::QuarantineEntry& entry) {
  Delivery delivery;
  if (entry.body.has_value()) delivery.body = *entry.body;
  delivery.source = entry.source;
  delivery.received_at = entry.received_at;
  for (const auto& [name, value] : HeadersOf(entry)) {
    if (name == kSignature && delivery.signatures++ == 0) {
      delivery.signature = value;
    } else if (name == kEvent && !delivery.event_header.has_value()) {
      delivery.event_header = value;
    } else if (name == kTimestamp && !delivery.timestamp_header.has_value()) {
      delivery.timestamp_header = value;
    }
  }
  return delivery;
}

}  // namespace tuco::receiver

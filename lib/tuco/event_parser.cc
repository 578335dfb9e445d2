#include "tuco/event_parser.h"

#include <string>

#include "tuco/internal/event_builder.h"
#include "tuco/internal/json_reader.h"
#include "tuco/internal/utf8.h"
#include "tuco/opt_out.h"
#include "tuco/strings.h"

namespace tuco {
namespace {

std::string WellFormed(std::string_view text) {
  std::string result;
  internal::AppendWellFormed(text, result);
  return result;
}

void ReadBody(std::string_view body, Event& event) {
  internal::JsonReader json;
  if (!json.Parse(body) || json[0].kind != internal::JsonKind::kObject) {
    event.flags.Add(Flag::kParseError);
    return;
  }
  if (json.duplicate_keys()) event.flags.Add(Flag::kDuplicateKeys);
  if (json.too_deep()) event.flags.Add(Flag::kTooDeep);
  if (json.ill_formed_text()) event.flags.Add(Flag::kIllFormedText);
  FillEvent(json, event);
}

// What follows from the fields once they are there.
void Conclude(Event& event) {
  if (!event.occurred_at) event.flags.Add(Flag::kNoTimestamp);
  event.idempotency_key =
      event.message.id ? Concat({*event.message.id, "/", event.type_name})
                       : event.event_id;
  if (event.type == EventType::kMessageReply && event.message.text) {
    event.opt_out = IsOptOut(*event.message.text);
  }
}

void Fill(std::string_view body, std::string_view endpoint,
          const Digest& duplicate_key, Event& event) {
  event.event_id = EventId(duplicate_key);
  event.endpoint = WellFormed(endpoint);
  ReadBody(body, event);
  Conclude(event);
}

}  // namespace

Event ParseEvent(const VerifiedDelivery& delivery) {
  Event event;
  event.verified_form = delivery.form();
  event.secret_name = WellFormed(delivery.secret_name());
  Fill(delivery.signed_bytes(), delivery.endpoint(), delivery.duplicate_key(),
       event);
  return event;
}

Event ParseUnverified(std::string_view body, std::string_view endpoint) {
  Event event;
  Fill(body, endpoint, DuplicateKey(endpoint, body), event);
  return event;
}

}  // namespace tuco

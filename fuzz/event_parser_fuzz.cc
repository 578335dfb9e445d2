// Property: any bytes give an event, the same one every time, whose texts are
// well-formed UTF-8, which has a time or says that it has none, and whose
// extra_json, when there is one, is an object that is not empty.

#include <cstdint>
#include <optional>
#include <string>

#include "fuzz/check.h"
#include "tuco/event_parser.h"
#include "tuco/internal/json_reader.h"
#include "tuco/internal/utf8.h"

namespace {

using tuco::internal::IsWellFormedUtf8;

void CheckText(const std::optional<std::string>& text) {
  FUZZ_CHECK(!text.has_value() || IsWellFormedUtf8(*text));
}

void CheckTexts(const tuco::Event& event) {
  for (const auto* text :
       {&event.workspace_id, &event.message.id, &event.message.text,
        &event.message.status, &event.message.line_id, &event.message.error,
        &event.message.original_text, &event.contact.phone,
        &event.contact.email, &event.contact.first_name, &event.campaign.name,
        &event.crm.hs_portal_id, &event.extra_json}) {
    CheckText(*text);
  }
  FUZZ_CHECK(IsWellFormedUtf8(event.type_name));
  FUZZ_CHECK(IsWellFormedUtf8(event.idempotency_key));
  for (const auto& parent : event.message.parents) CheckText(parent.text);
  for (const auto& url : event.message.attachment_urls) CheckText(url);
}

void CheckExtra(const std::string& extra_json) {
  tuco::internal::JsonReader json;
  FUZZ_CHECK(json.Parse(extra_json));
  FUZZ_CHECK(json[0].kind == tuco::internal::JsonKind::kObject);
  FUZZ_CHECK(json.size() > 1);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  const std::string_view body = tuco::fuzz::Text(data, size);
  const tuco::Event event = tuco::ParseUnverified(body);
  CheckTexts(event);
  if (event.extra_json) CheckExtra(*event.extra_json);
  FUZZ_CHECK(event.occurred_at.has_value() !=
             event.flags.Has(tuco::Flag::kNoTimestamp));
  FUZZ_CHECK(tuco::ParseUnverified(body) == event);
  return 0;
}

// Half of delivery_v8_test: of each delivery, 64 digits of a signature and the
// body behind them, answers as a JSON object what the verifier says and, of a
// genuine one, the fields of the event that have a value. Times are
// microseconds and, like counts, decimal strings.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tuco/event_parser.h"
#include "tuco/signature_verifier.h"
#include "v8_frames.h"

namespace {

using tuco::Event;
using tuco::Timestamp;

constexpr std::size_t kSignatureDigits = 64;

class ObjectWriter {
 public:
  explicit ObjectWriter(std::string& out) : out_(out) { out_ += "{"; }
  ~ObjectWriter() { out_ += "}"; }
  ObjectWriter(const ObjectWriter&) = delete;
  ObjectWriter& operator=(const ObjectWriter&) = delete;

  void PutText(std::string_view name, std::string_view text) {
    Name(name);
    Quote(text);
  }
  void Put(std::string_view name, const std::optional<std::string>& text) {
    if (text.has_value()) PutText(name, *text);
  }
  void Put(std::string_view name, std::optional<std::int64_t> count) {
    if (count.has_value()) PutText(name, std::to_string(*count));
  }
  void Put(std::string_view name, std::optional<Timestamp> time) {
    if (!time.has_value()) return;
    PutText(name, std::to_string(time->time_since_epoch().count()));
  }
  void Put(std::string_view name, std::optional<bool> value) {
    if (!value.has_value()) return;
    Name(name);
    out_ += *value ? "true" : "false";
  }
  void Put(std::string_view name, const std::vector<std::string>& texts) {
    PutList(name, texts, [this](const std::string& text) { Quote(text); });
  }
  template <typename List, typename Write>
  void PutList(std::string_view name, const List& list, Write write) {
    if (list.empty()) return;
    Name(name);
    out_ += "[";
    for (std::size_t i = 0; i < list.size(); ++i) {
      if (i > 0) out_ += ",";
      write(list[i]);
    }
    out_ += "]";
  }
  std::string& out() { return out_; }

 private:
  void Name(std::string_view name) {
    if (out_.back() != '{') out_ += ",";
    Quote(name);
    out_ += ":";
  }
  void Quote(std::string_view text) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    out_ += "\"";
    for (const char c : text) {
      const auto byte = static_cast<unsigned char>(c);
      if (byte < 0x20 || c == '"' || c == '\\') {
        out_ += "\\u00";
        out_.push_back(kDigits[byte >> 4]);
        out_.push_back(kDigits[byte & 15]);
      } else {
        out_.push_back(c);
      }
    }
    out_ += "\"";
  }

  std::string& out_;
};

void PutMessage(const tuco::Message& message, ObjectWriter& out) {
  out.Put("message.id", message.id);
  out.Put("message.text", message.text);
  out.Put("message.status", message.status);
  out.Put("message.channel", message.channel);
  out.Put("message.direction", message.direction);
  out.Put("message.line_id", message.line_id);
  out.Put("message.line_phone", message.line_phone);
  out.Put("message.line_email", message.line_email);
  out.Put("message.batch_id", message.batch_id);
  out.Put("message.step_index", message.step_index);
  out.Put("message.scheduled_at", message.scheduled_at);
  out.Put("message.sent_at", message.sent_at);
  out.Put("message.delivered_at", message.delivered_at);
  out.Put("message.read_at", message.read_at);
  out.Put("message.created_at", message.created_at);
  out.Put("message.updated_at", message.updated_at);
  out.Put("message.created_by_user_id", message.created_by_user_id);
  out.Put("message.external_message_id", message.external_message_id);
  out.Put("message.error", message.error);
  out.Put("message.reason", message.reason);
  out.Put("message.checked_addresses", message.checked_addresses);
  out.Put("message.attachment_urls", message.attachment_urls);
  out.Put("message.attachment_names", message.attachment_names);
  out.Put("message.send_fallback_sms_on_failed",
          message.send_fallback_sms_on_failed);
  out.Put("message.in_reply_to", message.in_reply_to);
  out.Put("message.original_text", message.original_text);
}

void PutRelated(const tuco::Message& message, ObjectWriter& out) {
  out.PutList("message.parents", message.parents, [&](const auto& parent) {
    ObjectWriter element(out.out());
    element.Put("message_id", parent.message_id);
    element.Put("text", parent.text);
    element.Put("sent_at", parent.sent_at);
    element.Put("batch_id", parent.batch_id);
    element.Put("step_index", parent.step_index);
  });
  out.PutList("message.recent_replies", message.recent_replies,
              [&](const auto& reply) {
                ObjectWriter element(out.out());
                element.Put("message_id", reply.message_id);
                element.Put("text", reply.text);
                element.Put("received_at", reply.received_at);
              });
}

void PutParties(const Event& event, ObjectWriter& out) {
  out.Put("contact.lead_id", event.contact.lead_id);
  out.Put("contact.first_name", event.contact.first_name);
  out.Put("contact.last_name", event.contact.last_name);
  out.Put("contact.display_name", event.contact.display_name);
  out.Put("contact.phone", event.contact.phone);
  out.Put("contact.email", event.contact.email);
  out.Put("contact.list_id", event.contact.list_id);
  out.Put("contact.owner_email", event.contact.owner_email);
  out.Put("contact.source", event.contact.source);
  out.Put("campaign.id", event.campaign.id);
  out.Put("campaign.name", event.campaign.name);
  out.Put("crm.ghl_contact_id", event.crm.ghl_contact_id);
  out.Put("crm.ghl_location_id", event.crm.ghl_location_id);
  out.Put("crm.ghl_conversation_message_id",
          event.crm.ghl_conversation_message_id);
  out.Put("crm.hs_portal_id", event.crm.hs_portal_id);
  out.Put("crm.hs_contact_id", event.crm.hs_contact_id);
}

void PutFlags(const Event& event, ObjectWriter& out) {
  std::vector<std::string> names;
  for (const tuco::Flag flag :
       {tuco::Flag::kTest, tuco::Flag::kNoTimestamp, tuco::Flag::kDuplicateKeys,
        tuco::Flag::kParseError, tuco::Flag::kTooDeep,
        tuco::Flag::kIllFormedText}) {
    if (event.flags.Has(flag)) names.emplace_back(tuco::FlagName(flag));
  }
  out.Put("flags", names);
}

void PutEvent(const Event& event, ObjectWriter& out) {
  out.PutText("shape", tuco::ShapeName(event.shape));
  PutFlags(event, out);
  out.PutText("type_name", event.type_name);
  out.Put("workspace_id", event.workspace_id);
  out.Put("occurred_at", event.occurred_at);
  PutMessage(event.message, out);
  PutRelated(event.message, out);
  PutParties(event, out);
}

void PutDelivery(const tuco::Verdict& verdict, ObjectWriter& out) {
  if (!verdict.genuine()) {
    return out.PutText("verdict", tuco::ReasonName(verdict.reason()));
  }
  const bool raw = verdict.delivery().form() == tuco::VerifiedForm::kRaw;
  out.PutText("verdict", raw ? "RAW" : "CANONICAL");
  PutEvent(tuco::ParseEvent(verdict.delivery()), out);
}

}  // namespace

int main() {
  const auto verifier =
      tuco::SignatureVerifier::Create({{"main", "whsec_v8"}}).value();
  tuco::AnswerFrames([&](const std::string& frame, std::string& out) {
    const std::string_view delivery = frame;
    ObjectWriter object(out);
    PutDelivery(verifier.Verify(delivery.substr(kSignatureDigits),
                                delivery.substr(0, kSignatureDigits)),
                object);
  });
}

// Every field of an event, once: its name in tuco.events.v1.Event and its
// member, in the order of the protobuf numbers. Attributes, dictionaries, JSON
// and pickles are all made from these lists, so none can lack a field.

#ifndef TUCO_PYTHON_CORE_EVENT_FIELDS_H_
#define TUCO_PYTHON_CORE_EVENT_FIELDS_H_

#include <optional>
#include <string>
#include <type_traits>

#include "tuco/event.h"

namespace tuco::python {

// Marks the std::string that is no text: `bytes` in protobuf and Python.
template <typename Struct>
struct BytesMember {
  std::optional<std::string> Struct::*member;
};

// The fields of each struct; ForEachField below is what others call.
#define TUCO_FIELD(name) visit(#name, &Struct::name)

template <typename Visit>
void VisitFields(std::type_identity<ParentMessage>, const Visit& visit) {
  using Struct = ParentMessage;
  TUCO_FIELD(message_id);
  TUCO_FIELD(text);
  TUCO_FIELD(sent_at);
  TUCO_FIELD(batch_id);
  TUCO_FIELD(step_index);
}

template <typename Visit>
void VisitFields(std::type_identity<RecentReply>, const Visit& visit) {
  using Struct = RecentReply;
  TUCO_FIELD(message_id);
  TUCO_FIELD(text);
  TUCO_FIELD(received_at);
}

template <typename Visit>
void VisitFields(std::type_identity<Message>, const Visit& visit) {
  using Struct = Message;
  TUCO_FIELD(id);
  TUCO_FIELD(text);
  TUCO_FIELD(status);
  TUCO_FIELD(channel);
  TUCO_FIELD(direction);
  TUCO_FIELD(line_id);
  TUCO_FIELD(line_phone);
  TUCO_FIELD(line_email);
  TUCO_FIELD(batch_id);
  TUCO_FIELD(step_index);
  TUCO_FIELD(scheduled_at);
  TUCO_FIELD(sent_at);
  TUCO_FIELD(delivered_at);
  TUCO_FIELD(read_at);
  TUCO_FIELD(created_at);
  TUCO_FIELD(updated_at);
  TUCO_FIELD(created_by_user_id);
  TUCO_FIELD(external_message_id);
  TUCO_FIELD(error);
  TUCO_FIELD(reason);
  TUCO_FIELD(checked_addresses);
  TUCO_FIELD(attachment_urls);
  TUCO_FIELD(attachment_names);
  TUCO_FIELD(send_fallback_sms_on_failed);
  TUCO_FIELD(in_reply_to);
  TUCO_FIELD(original_text);
  TUCO_FIELD(parents);
  TUCO_FIELD(recent_replies);
}

template <typename Visit>
void VisitFields(std::type_identity<Contact>, const Visit& visit) {
  using Struct = Contact;
  TUCO_FIELD(lead_id);
  TUCO_FIELD(first_name);
  TUCO_FIELD(last_name);
  TUCO_FIELD(display_name);
  TUCO_FIELD(phone);
  TUCO_FIELD(email);
  TUCO_FIELD(list_id);
  TUCO_FIELD(owner_email);
  TUCO_FIELD(source);
}

template <typename Visit>
void VisitFields(std::type_identity<Campaign>, const Visit& visit) {
  using Struct = Campaign;
  TUCO_FIELD(id);
  TUCO_FIELD(name);
}

template <typename Visit>
void VisitFields(std::type_identity<Crm>, const Visit& visit) {
  using Struct = Crm;
  TUCO_FIELD(ghl_contact_id);
  TUCO_FIELD(ghl_location_id);
  TUCO_FIELD(ghl_conversation_message_id);
  TUCO_FIELD(hs_portal_id);
  TUCO_FIELD(hs_contact_id);
}

template <typename Visit>
void VisitFields(std::type_identity<Event>, const Visit& visit) {
  using Struct = Event;
  TUCO_FIELD(sequence);
  TUCO_FIELD(epoch);
  TUCO_FIELD(event_id);
  TUCO_FIELD(idempotency_key);
  TUCO_FIELD(type);
  TUCO_FIELD(type_name);
  TUCO_FIELD(endpoint);
  TUCO_FIELD(workspace_id);
  TUCO_FIELD(occurred_at);
  TUCO_FIELD(received_at);
  TUCO_FIELD(recorded_at);
  TUCO_FIELD(flags);
  TUCO_FIELD(shape);
  TUCO_FIELD(verified_form);
  TUCO_FIELD(secret_name);
  TUCO_FIELD(origin);
  TUCO_FIELD(suspected_duplicate_of);
  TUCO_FIELD(opt_out);
  TUCO_FIELD(message);
  TUCO_FIELD(contact);
  TUCO_FIELD(campaign);
  TUCO_FIELD(crm);
  TUCO_FIELD(extra_json);
  visit("body", BytesMember<Event>{&Event::body});
  TUCO_FIELD(signature);
}

#undef TUCO_FIELD

// Calls `visit(name, pointer to member)` for each field of `Struct`.
template <typename Struct, typename Visit>
void ForEachField(const Visit& visit) {
  VisitFields(std::type_identity<Struct>(), visit);
}

// Whether the field is a struct of fields itself.
template <typename T>
inline constexpr bool kHasFields =
    std::is_same_v<T, ParentMessage> || std::is_same_v<T, RecentReply> ||
    std::is_same_v<T, Message> || std::is_same_v<T, Contact> ||
    std::is_same_v<T, Campaign> || std::is_same_v<T, Crm>;

}  // namespace tuco::python

#endif  // TUCO_PYTHON_CORE_EVENT_FIELDS_H_

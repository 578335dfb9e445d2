#include "proto/event_codec.h"

#include <google/protobuf/util/json_util.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace tuco::proto {
namespace {

namespace pb = events::v1;
using google::protobuf::RepeatedPtrField;
using TimestampProto = google::protobuf::Timestamp;

constexpr std::uint32_t kFlagsEnd = 32;

TimestampProto ToTimestampProto(Timestamp time) {
  const auto seconds =
      std::chrono::floor<std::chrono::seconds>(time.time_since_epoch());
  const std::chrono::nanoseconds rest = time.time_since_epoch() - seconds;
  TimestampProto proto;
  proto.set_seconds(seconds.count());
  proto.set_nanos(static_cast<std::int32_t>(rest.count()));
  return proto;
}

Timestamp FromTimestampProto(const TimestampProto& proto) {
  return Timestamp(std::chrono::seconds(proto.seconds()) +
                   std::chrono::duration_cast<std::chrono::microseconds>(
                       std::chrono::nanoseconds(proto.nanos())));
}

// Calls one transfer per field, for each message type once; the direction is
// in the transfer, so that a field cannot be copied one way only.
//
//   transfer(cpp field, has, get, set/mutable of the protobuf field)
#define TUCO_TEXT(field)                                            \
  transfer.Text(value.field, message, &Pb::has_##field, &Pb::field, \
                [](auto& to, const auto& from) { to.set_##field(from); })
#define TUCO_TIME(field)                                            \
  transfer.Time(value.field, message, &Pb::has_##field, &Pb::field, \
                [](auto& to) { return to.mutable_##field(); })

struct Writer {
  template <typename T, typename M, typename Has, typename Get, typename Set>
  void Text(const std::optional<T>& value, M& message, Has, Get, Set set) {
    if (!value.has_value()) return;
    set(message, *value);
    any = true;
  }
  template <typename M, typename Has, typename Get, typename Mutable>
  void Time(const std::optional<Timestamp>& value, M& message, Has, Get,
            Mutable mutable_field) {
    if (!value.has_value()) return;
    *mutable_field(message) = ToTimestampProto(*value);
    any = true;
  }
  bool any = false;
};

struct Reader {
  template <typename T, typename M, typename Has, typename Get, typename Set>
  void Text(std::optional<T>& value, const M& message, Has has, Get get, Set) {
    if ((message.*has)()) value = (message.*get)();
  }
  template <typename M, typename Has, typename Get, typename Mutable>
  void Time(std::optional<Timestamp>& value, const M& message, Has has, Get get,
            Mutable) {
    if ((message.*has)()) value = FromTimestampProto((message.*get)());
  }
};

template <typename Transfer, typename Value, typename M>
void TransferParent(Transfer& transfer, Value& value, M& message) {
  using Pb = pb::ParentMessage;
  TUCO_TEXT(message_id);
  TUCO_TEXT(text);
  TUCO_TIME(sent_at);
  TUCO_TEXT(batch_id);
  TUCO_TEXT(step_index);
}

template <typename Transfer, typename Value, typename M>
void TransferReply(Transfer& transfer, Value& value, M& message) {
  using Pb = pb::RecentReply;
  TUCO_TEXT(message_id);
  TUCO_TEXT(text);
  TUCO_TIME(received_at);
}

template <typename Transfer, typename Value, typename M>
void TransferMessage(Transfer& transfer, Value& value, M& message) {
  using Pb = pb::Message;
  TUCO_TEXT(id);
  TUCO_TEXT(text);
  TUCO_TEXT(status);
  TUCO_TEXT(channel);
  TUCO_TEXT(direction);
  TUCO_TEXT(line_id);
  TUCO_TEXT(line_phone);
  TUCO_TEXT(line_email);
  TUCO_TEXT(batch_id);
  TUCO_TEXT(step_index);
  TUCO_TIME(scheduled_at);
  TUCO_TIME(sent_at);
  TUCO_TIME(delivered_at);
  TUCO_TIME(read_at);
  TUCO_TIME(created_at);
  TUCO_TIME(updated_at);
  TUCO_TEXT(created_by_user_id);
  TUCO_TEXT(external_message_id);
  TUCO_TEXT(error);
  TUCO_TEXT(reason);
  TUCO_TEXT(send_fallback_sms_on_failed);
  TUCO_TEXT(in_reply_to);
  TUCO_TEXT(original_text);
}

template <typename Transfer, typename Value, typename M>
void TransferContact(Transfer& transfer, Value& value, M& message) {
  using Pb = pb::Contact;
  TUCO_TEXT(lead_id);
  TUCO_TEXT(first_name);
  TUCO_TEXT(last_name);
  TUCO_TEXT(display_name);
  TUCO_TEXT(phone);
  TUCO_TEXT(email);
  TUCO_TEXT(list_id);
  TUCO_TEXT(owner_email);
  TUCO_TEXT(source);
}

template <typename Transfer, typename Value, typename M>
void TransferCampaign(Transfer& transfer, Value& value, M& message) {
  using Pb = pb::Campaign;
  TUCO_TEXT(id);
  TUCO_TEXT(name);
}

template <typename Transfer, typename Value, typename M>
void TransferCrm(Transfer& transfer, Value& value, M& message) {
  using Pb = pb::Crm;
  TUCO_TEXT(ghl_contact_id);
  TUCO_TEXT(ghl_location_id);
  TUCO_TEXT(ghl_conversation_message_id);
  TUCO_TEXT(hs_portal_id);
  TUCO_TEXT(hs_contact_id);
}

template <typename Transfer, typename Value, typename M>
void TransferEvent(Transfer& transfer, Value& value, M& message) {
  using Pb = pb::Event;
  TUCO_TEXT(workspace_id);
  TUCO_TIME(occurred_at);
  TUCO_TIME(received_at);
  TUCO_TIME(recorded_at);
  TUCO_TEXT(suspected_duplicate_of);
  TUCO_TEXT(opt_out);
  TUCO_TEXT(extra_json);
  TUCO_TEXT(body);
  TUCO_TEXT(signature);
}

#undef TUCO_TEXT
#undef TUCO_TIME

void CopyTexts(const std::vector<std::string>& from,
               RepeatedPtrField<std::string>& to) {
  to.Assign(from.begin(), from.end());
}

std::vector<std::string> CopyTexts(const RepeatedPtrField<std::string>& from) {
  return {from.begin(), from.end()};
}

void WriteMessage(const Message& value, pb::Event& event) {
  // Made only when something goes in, so that an empty one stays unset.
  pb::Message message;
  Writer writer;
  TransferMessage(writer, value, message);
  CopyTexts(value.checked_addresses, *message.mutable_checked_addresses());
  CopyTexts(value.attachment_urls, *message.mutable_attachment_urls());
  CopyTexts(value.attachment_names, *message.mutable_attachment_names());
  for (const ParentMessage& parent : value.parents) {
    TransferParent(writer, parent, *message.add_parents());
  }
  for (const RecentReply& reply : value.recent_replies) {
    TransferReply(writer, reply, *message.add_recent_replies());
  }
  const bool lists = !value.checked_addresses.empty() ||
                     !value.attachment_urls.empty() ||
                     !value.attachment_names.empty() ||
                     !value.parents.empty() || !value.recent_replies.empty();
  if (writer.any || lists) *event.mutable_message() = std::move(message);
}

Message ReadMessage(const pb::Message& message) {
  Message value;
  Reader reader;
  TransferMessage(reader, value, message);
  value.checked_addresses = CopyTexts(message.checked_addresses());
  value.attachment_urls = CopyTexts(message.attachment_urls());
  value.attachment_names = CopyTexts(message.attachment_names());
  for (const pb::ParentMessage& parent : message.parents()) {
    TransferParent(reader, value.parents.emplace_back(), parent);
  }
  for (const pb::RecentReply& reply : message.recent_replies()) {
    TransferReply(reader, value.recent_replies.emplace_back(), reply);
  }
  return value;
}

void WriteParties(const Event& value, pb::Event& event) {
  pb::Contact contact;
  Writer contact_writer;
  TransferContact(contact_writer, value.contact, contact);
  if (contact_writer.any) *event.mutable_contact() = std::move(contact);

  pb::Campaign campaign;
  Writer campaign_writer;
  TransferCampaign(campaign_writer, value.campaign, campaign);
  if (campaign_writer.any) *event.mutable_campaign() = std::move(campaign);

  pb::Crm crm;
  Writer crm_writer;
  TransferCrm(crm_writer, value.crm, crm);
  if (crm_writer.any) *event.mutable_crm() = std::move(crm);
}

}  // namespace

pb::Event ToProto(const Event& event) {
  pb::Event message;
  message.set_sequence(event.sequence);
  message.set_epoch(event.epoch);
  message.set_event_id(event.event_id);
  message.set_idempotency_key(event.idempotency_key);
  message.set_type(static_cast<pb::EventType>(event.type));
  message.set_type_name(event.type_name);
  message.set_endpoint(event.endpoint);
  message.set_shape(static_cast<pb::Shape>(event.shape));
  message.set_verified_form(static_cast<pb::VerifiedForm>(event.verified_form));
  message.set_secret_name(event.secret_name);
  message.set_origin(static_cast<pb::Origin>(event.origin));
  for (std::uint32_t bit = 1; bit < kFlagsEnd; ++bit) {
    if (event.flags.Has(static_cast<Flag>(bit))) {
      message.add_flags(static_cast<pb::Flag>(bit));
    }
  }
  Writer writer;
  TransferEvent(writer, event, message);
  WriteMessage(event.message, message);
  WriteParties(event, message);
  return message;
}

Event FromProto(const pb::Event& message) {
  Event event;
  event.sequence = message.sequence();
  event.epoch = message.epoch();
  event.event_id = message.event_id();
  event.idempotency_key = message.idempotency_key();
  event.type = static_cast<EventType>(message.type());
  event.type_name = message.type_name();
  event.endpoint = message.endpoint();
  event.shape = static_cast<Shape>(message.shape());
  event.verified_form = static_cast<VerifiedForm>(message.verified_form());
  event.secret_name = message.secret_name();
  event.origin = static_cast<Origin>(message.origin());
  for (const int flag : message.flags()) {
    if (flag > 0 && pb::Flag_IsValid(flag)) {
      event.flags.Add(static_cast<Flag>(flag));
    }
  }
  Reader reader;
  TransferEvent(reader, event, message);
  event.message = ReadMessage(message.message());
  TransferContact(reader, event.contact, message.contact());
  TransferCampaign(reader, event.campaign, message.campaign());
  TransferCrm(reader, event.crm, message.crm());
  return event;
}

std::string ToJson(const google::protobuf::Message& message) {
  std::string json;
  // Fails only for values that are out of JSON's range, which the typed event
  // cannot hold.
  const auto status =
      google::protobuf::util::MessageToJsonString(message, &json);
  return status.ok() ? json : "{}";
}

}  // namespace tuco::proto

#include "_core/wire/event_decoder.h"

#include <protozero/exception.hpp>
#include <protozero/pbf_reader.hpp>
#include <utility>

#include "_core/wire/field_numbers.h"
#include "_core/wire/field_reader.h"

namespace tuco::python::wire {
namespace {

using protozero::pbf_reader;
using protozero::pbf_wire_type;

// Makes it as new, but for the memory that lists hold.
void Clear(EventView& event) {
  MessageView lists = std::move(event.message);
  event = EventView();
  const auto keep = [](auto& from, auto& to) {
    from.clear();
    to = std::move(from);
  };
  keep(lists.checked_addresses, event.message.checked_addresses);
  keep(lists.attachment_urls, event.message.attachment_urls);
  keep(lists.attachment_names, event.message.attachment_names);
  keep(lists.parents, event.message.parents);
  keep(lists.recent_replies, event.message.recent_replies);
}

// The fields of each message. Whether it is that of a view or of a tuco::Event:
// the members have the same names.

template <typename Parent>
void ReadParentField(FieldReader& fields, pbf_reader& in, Parent& parent) {
  switch (static_cast<ParentField>(in.tag())) {
    case ParentField::kMessageId:
      return fields.Read(in, parent.message_id);
    case ParentField::kText:
      return fields.Read(in, parent.text);
    case ParentField::kSentAt:
      return fields.ReadTime(in, parent.sent_at);
    case ParentField::kBatchId:
      return fields.Read(in, parent.batch_id);
    case ParentField::kStepIndex:
      return fields.Read(in, parent.step_index);
  }
  in.skip();
}

template <typename Reply>
void ReadReplyField(FieldReader& fields, pbf_reader& in, Reply& reply) {
  switch (static_cast<ReplyField>(in.tag())) {
    case ReplyField::kMessageId:
      return fields.Read(in, reply.message_id);
    case ReplyField::kText:
      return fields.Read(in, reply.text);
    case ReplyField::kReceivedAt:
      return fields.ReadTime(in, reply.received_at);
  }
  in.skip();
}

template <typename Message>
// NOLINTNEXTLINE(readability-function-size): a line or two for each field.
void ReadMessageField(FieldReader& fields, pbf_reader& in, Message& message) {
  switch (static_cast<MessageField>(in.tag())) {
    case MessageField::kId:
      return fields.Read(in, message.id);
    case MessageField::kText:
      return fields.Read(in, message.text);
    case MessageField::kStatus:
      return fields.Read(in, message.status);
    case MessageField::kChannel:
      return fields.Read(in, message.channel);
    case MessageField::kDirection:
      return fields.Read(in, message.direction);
    case MessageField::kLineId:
      return fields.Read(in, message.line_id);
    case MessageField::kLinePhone:
      return fields.Read(in, message.line_phone);
    case MessageField::kLineEmail:
      return fields.Read(in, message.line_email);
    case MessageField::kBatchId:
      return fields.Read(in, message.batch_id);
    case MessageField::kStepIndex:
      return fields.Read(in, message.step_index);
    case MessageField::kScheduledAt:
      return fields.ReadTime(in, message.scheduled_at);
    case MessageField::kSentAt:
      return fields.ReadTime(in, message.sent_at);
    case MessageField::kDeliveredAt:
      return fields.ReadTime(in, message.delivered_at);
    case MessageField::kReadAt:
      return fields.ReadTime(in, message.read_at);
    case MessageField::kCreatedAt:
      return fields.ReadTime(in, message.created_at);
    case MessageField::kUpdatedAt:
      return fields.ReadTime(in, message.updated_at);
    case MessageField::kCreatedByUserId:
      return fields.Read(in, message.created_by_user_id);
    case MessageField::kExternalMessageId:
      return fields.Read(in, message.external_message_id);
    case MessageField::kError:
      return fields.Read(in, message.error);
    case MessageField::kReason:
      return fields.Read(in, message.reason);
    case MessageField::kCheckedAddresses:
      return fields.Read(in, message.checked_addresses);
    case MessageField::kAttachmentUrls:
      return fields.Read(in, message.attachment_urls);
    case MessageField::kAttachmentNames:
      return fields.Read(in, message.attachment_names);
    case MessageField::kSendFallbackSmsOnFailed:
      return fields.Read(in, message.send_fallback_sms_on_failed);
    case MessageField::kInReplyTo:
      return fields.Read(in, message.in_reply_to);
    case MessageField::kOriginalText:
      return fields.Read(in, message.original_text);
    case MessageField::kParents:
      if (!Is(in, pbf_wire_type::length_delimited)) return in.skip();
      return fields.ReadMessage(
          in,
          [&fields, &parent = message.parents.emplace_back()](
              pbf_reader& field) { ReadParentField(fields, field, parent); });
    case MessageField::kRecentReplies:
      if (!Is(in, pbf_wire_type::length_delimited)) return in.skip();
      return fields.ReadMessage(
          in, [&fields, &reply = message.recent_replies.emplace_back()](
                  pbf_reader& field) { ReadReplyField(fields, field, reply); });
  }
  in.skip();
}

template <typename Contact>
void ReadContactField(FieldReader& fields, pbf_reader& in, Contact& contact) {
  switch (static_cast<ContactField>(in.tag())) {
    case ContactField::kLeadId:
      return fields.Read(in, contact.lead_id);
    case ContactField::kFirstName:
      return fields.Read(in, contact.first_name);
    case ContactField::kLastName:
      return fields.Read(in, contact.last_name);
    case ContactField::kDisplayName:
      return fields.Read(in, contact.display_name);
    case ContactField::kPhone:
      return fields.Read(in, contact.phone);
    case ContactField::kEmail:
      return fields.Read(in, contact.email);
    case ContactField::kListId:
      return fields.Read(in, contact.list_id);
    case ContactField::kOwnerEmail:
      return fields.Read(in, contact.owner_email);
    case ContactField::kSource:
      return fields.Read(in, contact.source);
  }
  in.skip();
}

template <typename Campaign>
void ReadCampaignField(FieldReader& fields, pbf_reader& in,
                       Campaign& campaign) {
  switch (static_cast<CampaignField>(in.tag())) {
    case CampaignField::kId:
      return fields.Read(in, campaign.id);
    case CampaignField::kName:
      return fields.Read(in, campaign.name);
  }
  in.skip();
}

template <typename Crm>
void ReadCrmField(FieldReader& fields, pbf_reader& in, Crm& crm) {
  switch (static_cast<CrmField>(in.tag())) {
    case CrmField::kGhlContactId:
      return fields.Read(in, crm.ghl_contact_id);
    case CrmField::kGhlLocationId:
      return fields.Read(in, crm.ghl_location_id);
    case CrmField::kGhlConversationMessageId:
      return fields.Read(in, crm.ghl_conversation_message_id);
    case CrmField::kHsPortalId:
      return fields.Read(in, crm.hs_portal_id);
    case CrmField::kHsContactId:
      return fields.Read(in, crm.hs_contact_id);
  }
  in.skip();
}

template <typename Event>
// NOLINTNEXTLINE(readability-function-size): a line or two for each field.
void ReadEventField(FieldReader& fields, pbf_reader& in, Event& event) {
  switch (static_cast<EventField>(in.tag())) {
    case EventField::kSequence:
      return fields.Read(in, event.sequence);
    case EventField::kEpoch:
      return fields.Read(in, event.epoch);
    case EventField::kEventId:
      return fields.Read(in, event.event_id);
    case EventField::kIdempotencyKey:
      return fields.Read(in, event.idempotency_key);
    case EventField::kType:
      return fields.ReadEnum(in, EventType::kMessageDelivered, event.type);
    case EventField::kTypeName:
      return fields.Read(in, event.type_name);
    case EventField::kEndpoint:
      return fields.Read(in, event.endpoint);
    case EventField::kWorkspaceId:
      return fields.Read(in, event.workspace_id);
    case EventField::kOccurredAt:
      return fields.ReadTime(in, event.occurred_at);
    case EventField::kReceivedAt:
      return fields.ReadTime(in, event.received_at);
    case EventField::kRecordedAt:
      return fields.ReadTime(in, event.recorded_at);
    case EventField::kFlags:
      return fields.Read(in, event.flags);
    case EventField::kShape:
      return fields.ReadEnum(in, Shape::kTest, event.shape);
    case EventField::kVerifiedForm:
      return fields.ReadEnum(in, VerifiedForm::kCanonical, event.verified_form);
    case EventField::kSecretName:
      return fields.Read(in, event.secret_name);
    case EventField::kOrigin:
      return fields.ReadEnum(in, Origin::kBackfill, event.origin);
    case EventField::kSuspectedDuplicateOf:
      return fields.Read(in, event.suspected_duplicate_of);
    case EventField::kOptOut:
      return fields.Read(in, event.opt_out);
    case EventField::kMessage:
      return fields.ReadMessage(in, [&](pbf_reader& field) {
        ReadMessageField(fields, field, event.message);
      });
    case EventField::kContact:
      return fields.ReadMessage(in, [&](pbf_reader& field) {
        ReadContactField(fields, field, event.contact);
      });
    case EventField::kCampaign:
      return fields.ReadMessage(in, [&](pbf_reader& field) {
        ReadCampaignField(fields, field, event.campaign);
      });
    case EventField::kCrm:
      return fields.ReadMessage(in, [&](pbf_reader& field) {
        ReadCrmField(fields, field, event.crm);
      });
    case EventField::kExtraJson:
      return fields.Read(in, event.extra_json);
    case EventField::kBody:
      return fields.ReadBytes(in, event.body);
    case EventField::kSignature:
      return fields.Read(in, event.signature);
  }
  in.skip();
}

template <typename Event>
void ReadEvent(FieldReader& fields, pbf_reader in, Event& event) {
  fields.Each(in,
              [&](pbf_reader& field) { ReadEventField(fields, field, event); });
}

template <typename Visit>
void ReadResponse(FieldReader& fields, pbf_reader in,
                  std::uint64_t& scanned_through, const Visit& visit) {
  EventView event;
  fields.Each(in, [&](pbf_reader& field) {
    const auto number = static_cast<ResponseField>(field.tag());
    if (number == ResponseField::kScannedThrough) {
      fields.Read(field, scanned_through);
    } else if (number == ResponseField::kEvents &&
               Is(field, pbf_wire_type::length_delimited)) {
      Clear(event);
      fields.ReadMessage(field, [&](pbf_reader& part) {
        ReadEventField(fields, part, event);
      });
      visit(event);
    } else {
      field.skip();
    }
  });
}

// Does `work` and makes a status of what it throws.
template <typename Work>
absl::Status Caught(const FieldReader& fields, const Work& work) {
  try {
    work();
    return absl::OkStatus();
  } catch (const Malformed& error) {
    return fields.At(error.what());
  } catch (const protozero::end_of_buffer_exception&) {
    return fields.At("it ends too early");
  } catch (const protozero::varint_too_long_exception&) {
    return fields.At("a number has more than ten bytes");
  } catch (const protozero::unknown_pbf_wire_type_exception&) {
    return fields.At("there is no such wire type");
  } catch (const protozero::invalid_tag_exception&) {
    return fields.At("there is no such field number");
  } catch (const protozero::exception& error) {
    return fields.At(error.what());
  }
}

}  // namespace

absl::Status DecodeEvent(std::string_view bytes, EventView& event) {
  FieldReader fields(bytes);
  Clear(event);
  return Caught(fields, [&] {
    ReadEvent(fields, pbf_reader(bytes.data(), bytes.size()), event);
  });
}

absl::Status DecodeEvent(std::string_view bytes, Event& event) {
  FieldReader fields(bytes);
  event = Event();
  return Caught(fields, [&] {
    ReadEvent(fields, pbf_reader(bytes.data(), bytes.size()), event);
  });
}

absl::Status DecodeResponse(std::string_view bytes,
                            const std::function<void(const EventView&)>& visit,
                            std::uint64_t& scanned_through) {
  FieldReader fields(bytes);
  return Caught(fields, [&] {
    ReadResponse(fields, pbf_reader(bytes.data(), bytes.size()),
                 scanned_through, visit);
  });
}

}  // namespace tuco::python::wire

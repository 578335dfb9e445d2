#include "_core/wire/append_event.h"

#include <chrono>

namespace tuco::python::wire {
namespace {

using table::Builder;
using table::Column;

void TextIf(Builder& table, Column column, Text text) {
  if (text.data() != nullptr) table.Text(column, text);
}

void TimeIf(Builder& table, Column column, std::int64_t time) {
  if (time == kNoTime) return;
  table.Time(column, Timestamp(std::chrono::microseconds(time)));
}

void Items(Builder& table, Column column, const std::vector<Text>& texts) {
  for (const Text text : texts) table.Item(column, text);
}

template <typename Enum>
void Number(Builder& table, Column column, Enum value) {
  table.Enum(column, static_cast<std::uint32_t>(value));
}

void AppendGiven(const EventView& event, Builder& table) {
  if (event.sequence != 0) table.Unsigned(Column::kSequence, event.sequence);
  if (event.epoch != 0) table.Unsigned(Column::kEpoch, event.epoch);
  table.Text(Column::kEventId, event.event_id);
  table.Text(Column::kIdempotencyKey, event.idempotency_key);
  Number(table, Column::kType, event.type);
  table.Text(Column::kTypeName, event.type_name);
  table.Text(Column::kEndpoint, event.endpoint);
  TextIf(table, Column::kWorkspaceId, event.workspace_id);
  TimeIf(table, Column::kOccurredAt, event.occurred_at);
  TimeIf(table, Column::kReceivedAt, event.received_at);
  TimeIf(table, Column::kRecordedAt, event.recorded_at);
  table.Set(event.flags);
  Number(table, Column::kShape, event.shape);
  Number(table, Column::kVerifiedForm, event.verified_form);
  table.Text(Column::kSecretName, event.secret_name);
  Number(table, Column::kOrigin, event.origin);
  if (event.suspected_duplicate_of) {
    table.Unsigned(Column::kSuspectedDuplicateOf,
                   *event.suspected_duplicate_of);
  }
  if (event.opt_out) table.Bool(Column::kOptOut, *event.opt_out);
}

void AppendMessage(const MessageView& message, Builder& table) {
  TextIf(table, Column::kMessageId, message.id);
  TextIf(table, Column::kMessageText, message.text);
  TextIf(table, Column::kMessageStatus, message.status);
  TextIf(table, Column::kMessageChannel, message.channel);
  TextIf(table, Column::kMessageDirection, message.direction);
  TextIf(table, Column::kMessageLineId, message.line_id);
  TextIf(table, Column::kMessageLinePhone, message.line_phone);
  TextIf(table, Column::kMessageLineEmail, message.line_email);
  TextIf(table, Column::kMessageBatchId, message.batch_id);
  if (message.step_index) {
    table.Signed(Column::kMessageStepIndex, *message.step_index);
  }
  TimeIf(table, Column::kMessageScheduledAt, message.scheduled_at);
  TimeIf(table, Column::kMessageSentAt, message.sent_at);
  TimeIf(table, Column::kMessageDeliveredAt, message.delivered_at);
  TimeIf(table, Column::kMessageReadAt, message.read_at);
  TimeIf(table, Column::kMessageCreatedAt, message.created_at);
  TimeIf(table, Column::kMessageUpdatedAt, message.updated_at);
  TextIf(table, Column::kMessageCreatedByUserId, message.created_by_user_id);
  TextIf(table, Column::kMessageExternalMessageId, message.external_message_id);
  TextIf(table, Column::kMessageError, message.error);
  TextIf(table, Column::kMessageReason, message.reason);
  Items(table, Column::kMessageCheckedAddresses, message.checked_addresses);
  Items(table, Column::kMessageAttachmentUrls, message.attachment_urls);
  Items(table, Column::kMessageAttachmentNames, message.attachment_names);
  if (message.send_fallback_sms_on_failed) {
    table.Bool(Column::kMessageSendFallbackSmsOnFailed,
               *message.send_fallback_sms_on_failed);
  }
  TextIf(table, Column::kMessageInReplyTo, message.in_reply_to);
  TextIf(table, Column::kMessageOriginalText, message.original_text);
  if (!message.parents.empty()) table.Parents(message.parents);
  if (!message.recent_replies.empty()) {
    table.RecentReplies(message.recent_replies);
  }
}

void AppendContact(const ContactView& contact, Builder& table) {
  TextIf(table, Column::kContactLeadId, contact.lead_id);
  TextIf(table, Column::kContactFirstName, contact.first_name);
  TextIf(table, Column::kContactLastName, contact.last_name);
  TextIf(table, Column::kContactDisplayName, contact.display_name);
  TextIf(table, Column::kContactPhone, contact.phone);
  TextIf(table, Column::kContactEmail, contact.email);
  TextIf(table, Column::kContactListId, contact.list_id);
  TextIf(table, Column::kContactOwnerEmail, contact.owner_email);
  TextIf(table, Column::kContactSource, contact.source);
}

void AppendOthers(const EventView& event, Builder& table) {
  TextIf(table, Column::kCampaignId, event.campaign.id);
  TextIf(table, Column::kCampaignName, event.campaign.name);
  TextIf(table, Column::kCrmGhlContactId, event.crm.ghl_contact_id);
  TextIf(table, Column::kCrmGhlLocationId, event.crm.ghl_location_id);
  TextIf(table, Column::kCrmGhlConversationMessageId,
         event.crm.ghl_conversation_message_id);
  TextIf(table, Column::kCrmHsPortalId, event.crm.hs_portal_id);
  TextIf(table, Column::kCrmHsContactId, event.crm.hs_contact_id);
  TextIf(table, Column::kExtraJson, event.extra_json);
  if (event.body.data() != nullptr) table.Body(event.body);
  TextIf(table, Column::kSignature, event.signature);
}

}  // namespace

void AppendEvent(const EventView& event, Builder& table) {
  AppendGiven(event, table);
  AppendMessage(event.message, table);
  AppendContact(event.contact, table);
  AppendOthers(event, table);
  table.EndRow();
}

}  // namespace tuco::python::wire

#include "_core/deliveries/body_row.h"

#include <array>
#include <cstddef>

#include "_core/table/schema.h"
#include "tuco/internal/body_reader.h"
#include "tuco/opt_out.h"

namespace tuco::python::deliveries {
namespace {

using internal::Field;
using internal::JsonReader;
using table::Column;

// The column of each field that is a text, a time or a list of texts.
constexpr auto kColumnOf = [] {
  std::array<Column, internal::kFieldCount> columns{};
  const auto set = [&columns](Field field, Column column) {
    columns[internal::IndexOf(field)] = column;
  };
  set(Field::kWorkspaceId, Column::kWorkspaceId);
  set(Field::kMessageId, Column::kMessageId);
  set(Field::kText, Column::kMessageText);
  set(Field::kStatus, Column::kMessageStatus);
  set(Field::kChannel, Column::kMessageChannel);
  set(Field::kDirection, Column::kMessageDirection);
  set(Field::kLineId, Column::kMessageLineId);
  set(Field::kLinePhone, Column::kMessageLinePhone);
  set(Field::kLineEmail, Column::kMessageLineEmail);
  set(Field::kBatchId, Column::kMessageBatchId);
  set(Field::kCreatedByUserId, Column::kMessageCreatedByUserId);
  set(Field::kExternalMessageId, Column::kMessageExternalMessageId);
  set(Field::kError, Column::kMessageError);
  set(Field::kReason, Column::kMessageReason);
  set(Field::kInReplyTo, Column::kMessageInReplyTo);
  set(Field::kOriginalText, Column::kMessageOriginalText);
  set(Field::kLeadId, Column::kContactLeadId);
  set(Field::kFirstName, Column::kContactFirstName);
  set(Field::kLastName, Column::kContactLastName);
  set(Field::kDisplayName, Column::kContactDisplayName);
  set(Field::kPhone, Column::kContactPhone);
  set(Field::kEmail, Column::kContactEmail);
  set(Field::kListId, Column::kContactListId);
  set(Field::kOwnerEmail, Column::kContactOwnerEmail);
  set(Field::kSource, Column::kContactSource);
  set(Field::kCampaignId, Column::kCampaignId);
  set(Field::kCampaignName, Column::kCampaignName);
  set(Field::kGhlContactId, Column::kCrmGhlContactId);
  set(Field::kGhlLocationId, Column::kCrmGhlLocationId);
  set(Field::kGhlConversationMessageId, Column::kCrmGhlConversationMessageId);
  set(Field::kHsPortalId, Column::kCrmHsPortalId);
  set(Field::kHsContactId, Column::kCrmHsContactId);
  set(Field::kOccurredAt, Column::kOccurredAt);
  set(Field::kScheduledAt, Column::kMessageScheduledAt);
  set(Field::kSentAt, Column::kMessageSentAt);
  set(Field::kDeliveredAt, Column::kMessageDeliveredAt);
  set(Field::kReadAt, Column::kMessageReadAt);
  set(Field::kCreatedAt, Column::kMessageCreatedAt);
  set(Field::kUpdatedAt, Column::kMessageUpdatedAt);
  set(Field::kCheckedAddresses, Column::kMessageCheckedAddresses);
  set(Field::kAttachmentUrls, Column::kMessageAttachmentUrls);
  set(Field::kAttachmentNames, Column::kMessageAttachmentNames);
  return columns;
}();

Column ColumnOf(Field field) { return kColumnOf[internal::IndexOf(field)]; }

}  // namespace

void BodyRow::Append(const JsonReader* json, Flags flags) {
  type_ = EventType::kUnspecified;
  type_name_.clear();
  flags_ = flags;
  has_time_ = has_key_ = false;
  if (json == nullptr) {
    flags_.Add(Flag::kParseError);
  } else {
    if (json->duplicate_keys()) flags_.Add(Flag::kDuplicateKeys);
    if (json->too_deep()) flags_.Add(Flag::kTooDeep);
    if (json->ill_formed_text()) flags_.Add(Flag::kIllFormedText);
    internal::BodyReader(*json, *this).Read();
  }
  if (!has_time_) flags_.Add(Flag::kNoTimestamp);
  builder_.Set(flags_);
}

bool BodyRow::NeedsEventId() const {
  return builder_.has(Column::kEventId) ||
         (!has_key_ && builder_.has(Column::kIdempotencyKey));
}

void BodyRow::AppendEventId(std::string_view event_id) {
  builder_.Text(Column::kEventId, event_id);
  if (!has_key_) builder_.Text(Column::kIdempotencyKey, event_id);
}

void BodyRow::Type(EventType type, std::string_view name) {
  type_ = type;
  type_name_ = name;
  builder_.Enum(Column::kType, static_cast<std::uint32_t>(type));
  builder_.Text(Column::kTypeName, name);
}

void BodyRow::Shape(tuco::Shape shape) {
  builder_.Enum(Column::kShape, static_cast<std::uint32_t>(shape));
}

void BodyRow::Text(Field field, std::string_view text) {
  builder_.Text(ColumnOf(field), text);
  if (field == Field::kMessageId) AppendIdempotencyKey(text);
  if (field == Field::kText && type_ == EventType::kMessageReply &&
      builder_.has(Column::kOptOut)) {
    builder_.Bool(Column::kOptOut, IsOptOut(text));
  }
}

void BodyRow::AppendIdempotencyKey(std::string_view message_id) {
  has_key_ = true;
  if (!builder_.has(Column::kIdempotencyKey)) return;
  scratch_.assign(message_id).append("/").append(type_name_);
  builder_.Text(Column::kIdempotencyKey, scratch_);
}

void BodyRow::Time(Field field, Timestamp time) {
  builder_.Time(ColumnOf(field), time);
  has_time_ |= field == Field::kOccurredAt;
}

void BodyRow::StepIndex(std::int64_t index) {
  builder_.Signed(Column::kMessageStepIndex, index);
}

void BodyRow::SendFallbackSmsOnFailed(bool wanted) {
  builder_.Bool(Column::kMessageSendFallbackSmsOnFailed, wanted);
}

void BodyRow::Texts(Field field, const JsonReader& json, std::uint32_t array) {
  if (!builder_.has(ColumnOf(field))) return;
  for (std::uint32_t i = array + 1; i < json[array].next; i = json[i].next) {
    builder_.Item(ColumnOf(field), json.Text(json[i], scratch_));
  }
}

void BodyRow::Parents(const std::vector<ParentMessage>& parents) {
  builder_.Parents(parents);
}

void BodyRow::RecentReplies(const std::vector<RecentReply>& replies) {
  builder_.RecentReplies(replies);
}

void BodyRow::ExtraJson(std::string_view extra) {
  builder_.Text(Column::kExtraJson, extra);
}

}  // namespace tuco::python::deliveries

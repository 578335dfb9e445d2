// The columns of a table of events: one list, which docs/python.md repeats for
// readers. Names are those of tuco.events.v1.Event, nested ones joined by `_`.

#ifndef TUCO_PYTHON_CORE_TABLE_SCHEMA_H_
#define TUCO_PYTHON_CORE_TABLE_SCHEMA_H_

#include <array>
#include <bitset>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "_core/arrow/array.h"

namespace tuco::python::table {

enum class Column : std::uint8_t {
  kSequence,
  kEpoch,
  kEventId,
  kIdempotencyKey,
  kType,
  kTypeName,
  kEndpoint,
  kWorkspaceId,
  kOccurredAt,
  kReceivedAt,
  kRecordedAt,
  kFlags,
  kShape,
  kVerifiedForm,
  kSecretName,
  kOrigin,
  kSuspectedDuplicateOf,
  kOptOut,
  kMessageId,
  kMessageText,
  kMessageStatus,
  kMessageChannel,
  kMessageDirection,
  kMessageLineId,
  kMessageLinePhone,
  kMessageLineEmail,
  kMessageBatchId,
  kMessageStepIndex,
  kMessageScheduledAt,
  kMessageSentAt,
  kMessageDeliveredAt,
  kMessageReadAt,
  kMessageCreatedAt,
  kMessageUpdatedAt,
  kMessageCreatedByUserId,
  kMessageExternalMessageId,
  kMessageError,
  kMessageReason,
  kMessageCheckedAddresses,
  kMessageAttachmentUrls,
  kMessageAttachmentNames,
  kMessageSendFallbackSmsOnFailed,
  kMessageInReplyTo,
  kMessageOriginalText,
  kMessageParents,
  kMessageRecentReplies,
  kContactLeadId,
  kContactFirstName,
  kContactLastName,
  kContactDisplayName,
  kContactPhone,
  kContactEmail,
  kContactListId,
  kContactOwnerEmail,
  kContactSource,
  kCampaignId,
  kCampaignName,
  kCrmGhlContactId,
  kCrmGhlLocationId,
  kCrmGhlConversationMessageId,
  kCrmHsPortalId,
  kCrmHsContactId,
  kExtraJson,
  // Only where they are wanted.
  kBody,
  kSignature,
};

// What a column holds, and which builder builds it.
enum class ColumnKind : std::uint8_t {
  kUint64,         // arrow::Uint64Builder
  kInt64,          // arrow::Int64Builder
  kTime,           // arrow::TimestampBuilder
  kBool,           // arrow::BoolBuilder
  kText,           // arrow::Utf8Builder
  kRepeatingText,  // arrow::DictionaryBuilder
  kEnum,           // the same; an index is the enumerator's number
  kTexts,          // arrow::Utf8ListBuilder
  kParents,        // arrow::StructListBuilder
  kRecentReplies,  // the same
  kBytes,          // arrow::BinaryBuilder
};

struct ColumnSpec {
  std::string_view name;
  ColumnKind kind;
  bool nullable = true;
};

inline constexpr std::size_t kColumnCount =
    static_cast<std::size_t>(Column::kSignature) + 1;

constexpr std::size_t IndexOf(Column column) {
  return static_cast<std::size_t>(column);
}

// Every column, by its index.
// clang-format off
inline constexpr std::array<ColumnSpec, kColumnCount> kColumns = {{
    {"sequence", ColumnKind::kUint64},
    {"epoch", ColumnKind::kUint64},
    {"event_id", ColumnKind::kText, false},
    {"idempotency_key", ColumnKind::kText, false},
    {"type", ColumnKind::kEnum, false},
    {"type_name", ColumnKind::kRepeatingText, false},
    {"endpoint", ColumnKind::kRepeatingText, false},
    {"workspace_id", ColumnKind::kRepeatingText},
    {"occurred_at", ColumnKind::kTime},
    {"received_at", ColumnKind::kTime},
    {"recorded_at", ColumnKind::kTime},
    {"flags", ColumnKind::kTexts, false},
    {"shape", ColumnKind::kEnum, false},
    {"verified_form", ColumnKind::kEnum, false},
    {"secret_name", ColumnKind::kRepeatingText, false},
    {"origin", ColumnKind::kEnum, false},
    {"suspected_duplicate_of", ColumnKind::kUint64},
    {"opt_out", ColumnKind::kBool},
    {"message_id", ColumnKind::kText},
    {"message_text", ColumnKind::kText},
    {"message_status", ColumnKind::kRepeatingText},
    {"message_channel", ColumnKind::kRepeatingText},
    {"message_direction", ColumnKind::kRepeatingText},
    {"message_line_id", ColumnKind::kRepeatingText},
    {"message_line_phone", ColumnKind::kRepeatingText},
    {"message_line_email", ColumnKind::kRepeatingText},
    {"message_batch_id", ColumnKind::kRepeatingText},
    {"message_step_index", ColumnKind::kInt64},
    {"message_scheduled_at", ColumnKind::kTime},
    {"message_sent_at", ColumnKind::kTime},
    {"message_delivered_at", ColumnKind::kTime},
    {"message_read_at", ColumnKind::kTime},
    {"message_created_at", ColumnKind::kTime},
    {"message_updated_at", ColumnKind::kTime},
    {"message_created_by_user_id", ColumnKind::kRepeatingText},
    {"message_external_message_id", ColumnKind::kText},
    {"message_error", ColumnKind::kText},
    {"message_reason", ColumnKind::kText},
    {"message_checked_addresses", ColumnKind::kTexts, false},
    {"message_attachment_urls", ColumnKind::kTexts, false},
    {"message_attachment_names", ColumnKind::kTexts, false},
    {"message_send_fallback_sms_on_failed", ColumnKind::kBool},
    {"message_in_reply_to", ColumnKind::kText},
    {"message_original_text", ColumnKind::kText},
    {"message_parents", ColumnKind::kParents, false},
    {"message_recent_replies", ColumnKind::kRecentReplies, false},
    {"contact_lead_id", ColumnKind::kText},
    {"contact_first_name", ColumnKind::kText},
    {"contact_last_name", ColumnKind::kText},
    {"contact_display_name", ColumnKind::kText},
    {"contact_phone", ColumnKind::kText},
    {"contact_email", ColumnKind::kText},
    {"contact_list_id", ColumnKind::kRepeatingText},
    {"contact_owner_email", ColumnKind::kRepeatingText},
    {"contact_source", ColumnKind::kRepeatingText},
    {"campaign_id", ColumnKind::kRepeatingText},
    {"campaign_name", ColumnKind::kRepeatingText},
    {"crm_ghl_contact_id", ColumnKind::kText},
    {"crm_ghl_location_id", ColumnKind::kRepeatingText},
    {"crm_ghl_conversation_message_id", ColumnKind::kText},
    {"crm_hs_portal_id", ColumnKind::kRepeatingText},
    {"crm_hs_contact_id", ColumnKind::kText},
    {"extra_json", ColumnKind::kText},
    {"body", ColumnKind::kBytes},
    {"signature", ColumnKind::kText},
}};
// clang-format on

constexpr const ColumnSpec& SpecOf(Column column) {
  return kColumns[IndexOf(column)];
}

// The columns that a table has, by their indices; they stay in the list's
// order.
using ColumnSet = std::bitset<kColumnCount>;

// Every column, `body` and `signature` only if they are wanted.
ColumnSet AllColumns(bool include_body);

// The columns as Arrow's fields.
std::vector<arrow::Field> Schema(const ColumnSet& columns);

}  // namespace tuco::python::table

#endif  // TUCO_PYTHON_CORE_TABLE_SCHEMA_H_

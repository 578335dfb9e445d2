// The typed fields of an event that members of a body are read into.

#ifndef TUCO_INTERNAL_FIELD_H_
#define TUCO_INTERNAL_FIELD_H_

#include <cstddef>
#include <cstdint>

namespace tuco::internal {

// Grouped by what they hold; KindOf relies on the order.
enum class Field : std::uint8_t {
  // Optional texts.
  kWorkspaceId,
  kMessageId,
  kText,
  kStatus,
  kChannel,
  kDirection,
  kLineId,
  kLinePhone,
  kLineEmail,
  kBatchId,
  kCreatedByUserId,
  kExternalMessageId,
  kError,
  kReason,
  kInReplyTo,
  kOriginalText,
  kLeadId,
  kFirstName,
  kLastName,
  kDisplayName,
  kPhone,
  kEmail,
  kListId,
  kOwnerEmail,
  kSource,
  kCampaignId,
  kCampaignName,
  kGhlContactId,
  kGhlLocationId,
  kGhlConversationMessageId,
  kHsPortalId,
  kHsContactId,
  // Texts with a meaning of their own.
  kTypeName,
  kFrom,  // Phone numbers of S6, whose side depends on the event's type.
  kTo,
  // Times.
  kOccurredAt,
  kScheduledAt,
  kSentAt,
  kDeliveredAt,
  kReadAt,
  kCreatedAt,
  kUpdatedAt,
  // Whole numbers from 0.
  kStepIndex,
  // Booleans.
  kSendFallbackSmsOnFailed,
  // Marks of a test: nothing but a literal true is one.
  kTest,
  kTestMode,
  // Lists of texts.
  kCheckedAddresses,
  kAttachmentUrls,
  kAttachmentNames,
  // Lists of objects.
  kParents,
  kRecentReplies,
  // Not a field: a member that is known as an object only.
  kNone,
};

inline constexpr std::size_t kFieldCount =
    static_cast<std::size_t>(Field::kNone) + 1;

constexpr std::size_t IndexOf(Field field) {
  return static_cast<std::size_t>(field);
}

enum class FieldKind : std::uint8_t {
  kText,
  kTime,
  kCount,
  kBool,
  kMark,
  kTexts,
  kObjects,
  kNone,
};

constexpr FieldKind KindOf(Field field) {
  if (field < Field::kOccurredAt) [[likely]]
    return FieldKind::kText;
  if (field < Field::kStepIndex) return FieldKind::kTime;
  if (field < Field::kSendFallbackSmsOnFailed) return FieldKind::kCount;
  if (field < Field::kTest) return FieldKind::kBool;
  if (field < Field::kCheckedAddresses) return FieldKind::kMark;
  if (field < Field::kParents) return FieldKind::kTexts;
  if (field < Field::kNone) return FieldKind::kObjects;
  return FieldKind::kNone;
}

}  // namespace tuco::internal

#endif  // TUCO_INTERNAL_FIELD_H_

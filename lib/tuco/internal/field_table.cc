#include "tuco/internal/field_table.h"

#include <array>
#include <iterator>

#include "tuco/internal/key_hash.h"

namespace tuco::internal {
namespace {

using enum Context;
using F = Field;

constexpr Binding kBindings[] = {
    // Objects.
    {kRoot, "data", F::kNone, 0, kData},
    {kRoot, "lead", F::kNone, 0, kLead},
    {kRoot, "originalMessage", F::kNone, 0, kOriginal},
    {kData, "reply", F::kNone, 0, kReply},

    // The event.
    {kRoot, "event", F::kTypeName, 1},
    {kRoot, "timestamp", F::kOccurredAt, 1},
    {kRoot, "workspaceId", F::kWorkspaceId, 1},
    {kData, "workspaceId", F::kWorkspaceId, 2},
    {kMessage, "workspaceId", F::kWorkspaceId, 3},
    {kLead, "workspaceId", F::kWorkspaceId, 4},
    {kData, "test", F::kTest, 1},
    {kRoot, "testMode", F::kTestMode, 1},
    {kData, "testMode", F::kTestMode, 2},

    // The message.
    {kRoot, "messageId", F::kMessageId, kTopLevelId},
    {kMessage, "_id", F::kMessageId, kDocumentId},
    {kMessage, "messageId", F::kMessageId, kReplyDocumentId},
    {kData, "messageId", F::kMessageId, kNestedId},
    {kData, "message_id", F::kMessageId, kSnakeCaseId},
    {kReply, "messageId", F::kMessageId, kRankEcho},
    {kRoot, "message", F::kText, 1, kMessage},
    {kMessage, "message", F::kText, 2},
    {kData, "message", F::kText, 3},
    {kData, "body", F::kText, 4},
    {kMessage, "status", F::kStatus, 1},
    {kData, "status", F::kStatus, 2},
    {kRoot, "status", F::kStatus, 3},
    {kMessage, "messageType", F::kChannel, 1},
    {kRoot, "messageType", F::kChannel, 2},
    {kData, "messageType", F::kChannel, 3},
    {kMessage, "direction", F::kDirection, 1},
    {kData, "lineId", F::kLineId, 1},
    {kRoot, "fromLineId", F::kLineId, 2},
    {kMessage, "fromLineId", F::kLineId, 3},
    {kData, "line_id", F::kLineId, 4},
    {kMessage, "fromLinePhone", F::kLinePhone, 1},
    {kRoot, "fromLinePhone", F::kLinePhone, 2},
    {kMessage, "fromLineEmail", F::kLineEmail, 1},
    {kRoot, "fromLineEmail", F::kLineEmail, 2},
    {kMessage, "batchId", F::kBatchId, 1},
    {kRoot, "batchId", F::kBatchId, 2},
    {kData, "batchId", F::kBatchId, 3},
    {kMessage, "stepIndex", F::kStepIndex, 1},
    {kRoot, "stepIndex", F::kStepIndex, 2},
    {kData, "stepIndex", F::kStepIndex, 3},
    {kMessage, "createdByUserId", F::kCreatedByUserId, 1},
    {kRoot, "createdByUserId", F::kCreatedByUserId, 2},
    {kMessage, "externalMessageId", F::kExternalMessageId, 1},
    {kRoot, "externalMessageId", F::kExternalMessageId, 2},
    {kData, "externalMessageId", F::kExternalMessageId, 3},
    {kMessage, "errorMessage", F::kError, 1},
    {kData, "error", F::kError, 2},
    {kRoot, "errorMessage", F::kError, 3},
    {kData, "reason", F::kReason, 1},
    {kMessage, "reason", F::kReason, 2},
    {kRoot, "reason", F::kReason, 3},
    {kRoot, "originalMessageId", F::kInReplyTo, 1},
    {kMessage, "originalMessageId", F::kInReplyTo, 2},
    {kData, "originalMessageId", F::kInReplyTo, 3},
    {kOriginal, "message", F::kOriginalText, 1},
    {kMessage, "sendFallbackSmsOnFailed", F::kSendFallbackSmsOnFailed, 1},
    {kRoot, "sendFallbackSmsOnFailed", F::kSendFallbackSmsOnFailed, 2},
    {kData, "sendFallbackSmsOnFailed", F::kSendFallbackSmsOnFailed, 3},

    // Its times.
    {kMessage, "scheduledDate", F::kScheduledAt, 1},
    {kRoot, "scheduledDate", F::kScheduledAt, 2},
    {kData, "scheduledDate", F::kScheduledAt, 3},
    {kMessage, "sentAt", F::kSentAt, 1},
    {kRoot, "sentAt", F::kSentAt, 2},
    {kData, "sentAt", F::kSentAt, 3},
    {kMessage, "messageSentAtUTC", F::kSentAt, 4},
    {kRoot, "repliedAtUtc", F::kSentAt, 5},
    {kData, "repliedAtUtc", F::kSentAt, 6},
    {kMessage, "respondedAtUtc", F::kSentAt, 7},
    {kReply, "respondedAtUtc", F::kSentAt, 8},
    {kMessage, "deliveredAt", F::kDeliveredAt, 1},
    {kRoot, "deliveredAt", F::kDeliveredAt, 2},
    {kData, "deliveredAt", F::kDeliveredAt, 3},
    {kMessage, "readAt", F::kReadAt, 1},
    {kData, "readAt", F::kReadAt, 2},
    {kRoot, "readAt", F::kReadAt, 3},
    {kMessage, "createdAt", F::kCreatedAt, 1},
    {kRoot, "createdAt", F::kCreatedAt, 2},
    {kData, "createdAt", F::kCreatedAt, 3},
    {kMessage, "updatedAt", F::kUpdatedAt, 1},
    {kRoot, "updatedAt", F::kUpdatedAt, 2},
    {kData, "updatedAt", F::kUpdatedAt, 3},

    // Its lists.
    {kData, "checkedAddresses", F::kCheckedAddresses, 1},
    {kMessage, "checkedAddresses", F::kCheckedAddresses, 2},
    {kRoot, "checkedAddresses", F::kCheckedAddresses, 3},
    {kData, "attachmentUrls", F::kAttachmentUrls, 1},
    {kMessage, "attachmentUrls", F::kAttachmentUrls, 2},
    {kRoot, "attachmentUrls", F::kAttachmentUrls, 3},
    {kData, "attachmentNames", F::kAttachmentNames, 1},
    {kMessage, "attachmentNames", F::kAttachmentNames, 2},
    {kRoot, "attachmentNames", F::kAttachmentNames, 3},
    {kRoot, "parentMessages", F::kParents, 1},
    {kMessage, "parentMessages", F::kParents, 2},
    {kData, "parentMessages", F::kParents, 3},
    {kReply, "parentMessages", F::kParents, 4},
    {kReply, "recentReplies", F::kRecentReplies, 1},
    {kRoot, "recentReplies", F::kRecentReplies, 2},
    {kMessage, "recentReplies", F::kRecentReplies, 3},
    {kData, "recentReplies", F::kRecentReplies, 4},

    // The contact.
    {kData, "recipientPhone", F::kPhone, 1},
    {kMessage, "recipientPhone", F::kPhone, 2},
    {kReply, "recipientPhone", F::kPhone, 3},
    {kRoot, "recipientPhone", F::kPhone, 4},
    {kRoot, "phone", F::kPhone, 5},
    {kLead, "phone", F::kPhone, 6},
    {kData, "from", F::kFrom, 1},
    {kData, "to", F::kTo, 1},
    {kData, "recipientEmail", F::kEmail, 1},
    {kMessage, "recipientEmail", F::kEmail, 2},
    {kReply, "recipientEmail", F::kEmail, 3},
    {kRoot, "recipientEmail", F::kEmail, 4},
    {kRoot, "email", F::kEmail, 5},
    {kLead, "email", F::kEmail, 6},
    {kRoot, "leadId", F::kLeadId, 1},
    {kMessage, "leadId", F::kLeadId, 2},
    {kReply, "leadId", F::kLeadId, 3},
    {kLead, "_id", F::kLeadId, 4},
    {kLead, "firstName", F::kFirstName, 1},
    {kRoot, "firstName", F::kFirstName, 2},
    {kData, "firstName", F::kFirstName, 3},
    {kLead, "lastName", F::kLastName, 1},
    {kRoot, "lastName", F::kLastName, 2},
    {kData, "lastName", F::kLastName, 3},
    {kMessage, "recipientName", F::kDisplayName, 1},
    {kRoot, "recipientName", F::kDisplayName, 2},
    {kData, "recipientName", F::kDisplayName, 3},
    {kMessage, "name", F::kDisplayName, 4},
    {kReply, "name", F::kDisplayName, 5},
    {kLead, "listId", F::kListId, 1},
    {kRoot, "listId", F::kListId, 2},
    {kData, "listId", F::kListId, 3},
    {kRoot, "contactOwnerEmail", F::kOwnerEmail, 1},
    {kData, "contactOwnerEmail", F::kOwnerEmail, 2},
    {kLead, "source", F::kSource, 1},

    // The campaign and the customer's other systems.
    {kRoot, "campaignId", F::kCampaignId, 1},
    {kMessage, "campaignId", F::kCampaignId, 2},
    {kData, "campaignId", F::kCampaignId, 3},
    {kData, "campaign_id", F::kCampaignId, 4},
    {kRoot, "campaignName", F::kCampaignName, 1},
    {kMessage, "campaignName", F::kCampaignName, 2},
    {kData, "campaignName", F::kCampaignName, 3},
    {kRoot, "ghlContactId", F::kGhlContactId, 1},
    {kData, "ghlContactId", F::kGhlContactId, 2},
    {kRoot, "ghlLocationId", F::kGhlLocationId, 1},
    {kData, "ghlLocationId", F::kGhlLocationId, 2},
    {kRoot, "ghlConversationMessageId", F::kGhlConversationMessageId, 1},
    {kData, "ghlConversationMessageId", F::kGhlConversationMessageId, 2},
    {kRoot, "hsPortalId", F::kHsPortalId, 1},
    {kData, "hsPortalId", F::kHsPortalId, 2},
    {kRoot, "hsContactId", F::kHsContactId, 1},
    {kData, "hsContactId", F::kHsContactId, 2},
};

static_assert(std::size(kBindings) <= kBindingCountMax);

// An open-addressing table over (context, key), a third full.
constexpr std::size_t kSlotCount = 512;
constexpr std::uint8_t kFree = 0xff;

struct Slot {
  std::uint32_t hash = 0;
  std::uint8_t binding = kFree;
};

constexpr std::uint32_t SlotHash(Context context, std::uint32_t key_hash) {
  return key_hash + static_cast<std::uint32_t>(context) * 0x9e3779b9;
}

constexpr std::size_t FirstSlot(std::uint32_t hash) {
  return (hash ^ (hash >> 16)) % kSlotCount;
}

constexpr auto kSlots = [] {
  std::array<Slot, kSlotCount> slots{};
  for (std::size_t i = 0; i < std::size(kBindings); ++i) {
    const Binding& binding = kBindings[i];
    const std::uint32_t hash = SlotHash(binding.context, KeyHash(binding.key));
    std::size_t slot = FirstSlot(hash);
    while (slots[slot].binding != kFree) slot = (slot + 1) % kSlotCount;
    slots[slot] = {hash, static_cast<std::uint8_t>(i)};
  }
  return slots;
}();

}  // namespace

const Binding* FindBinding(Context context, std::string_view key,
                           std::uint32_t hash) {
  const std::uint32_t wanted = SlotHash(context, hash);
  std::size_t slot = FirstSlot(wanted);
  for (; kSlots[slot].binding != kFree; slot = (slot + 1) % kSlotCount) {
    if (kSlots[slot].hash != wanted) continue;
    const Binding& binding = kBindings[kSlots[slot].binding];
    if (binding.context == context && SameKey(binding.key, key)) {
      return &binding;
    }
  }
  return nullptr;
}

}  // namespace tuco::internal

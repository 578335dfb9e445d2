// The field numbers of event.proto and event_service.proto, as much of them as
// a table of events is made from. tests/python/test_wire.py compares what is
// decoded with the schema's text, so that none can drift.

#ifndef TUCO_PYTHON_CORE_WIRE_FIELD_NUMBERS_H_
#define TUCO_PYTHON_CORE_WIRE_FIELD_NUMBERS_H_

#include <cstdint>

namespace tuco::python::wire {

// google.protobuf.Timestamp.
enum class TimestampField : std::uint32_t { kSeconds = 1, kNanos = 2 };

// ParentMessage.
enum class ParentField : std::uint32_t {
  kMessageId = 1,
  kText = 2,
  kSentAt = 3,
  kBatchId = 4,
  kStepIndex = 5,
};

// RecentReply.
enum class ReplyField : std::uint32_t {
  kMessageId = 1,
  kText = 2,
  kReceivedAt = 3,
};

// Message.
enum class MessageField : std::uint32_t {
  kId = 1,
  kText = 2,
  kStatus = 3,
  kChannel = 4,
  kDirection = 5,
  kLineId = 6,
  kLinePhone = 7,
  kLineEmail = 8,
  kBatchId = 9,
  kStepIndex = 10,
  kScheduledAt = 11,
  kSentAt = 12,
  kDeliveredAt = 13,
  kReadAt = 14,
  kCreatedAt = 15,
  kUpdatedAt = 16,
  kCreatedByUserId = 17,
  kExternalMessageId = 18,
  kError = 19,
  kReason = 20,
  kCheckedAddresses = 21,
  kAttachmentUrls = 22,
  kAttachmentNames = 23,
  kSendFallbackSmsOnFailed = 24,
  kInReplyTo = 25,
  kOriginalText = 26,
  kParents = 27,
  kRecentReplies = 28,
};

// Contact.
enum class ContactField : std::uint32_t {
  kLeadId = 1,
  kFirstName = 2,
  kLastName = 3,
  kDisplayName = 4,
  kPhone = 5,
  kEmail = 6,
  kListId = 7,
  kOwnerEmail = 8,
  kSource = 9,
};

// Campaign.
enum class CampaignField : std::uint32_t { kId = 1, kName = 2 };

// Crm.
enum class CrmField : std::uint32_t {
  kGhlContactId = 1,
  kGhlLocationId = 2,
  kGhlConversationMessageId = 3,
  kHsPortalId = 4,
  kHsContactId = 5,
};

// Event.
enum class EventField : std::uint32_t {
  kSequence = 1,
  kEpoch = 2,
  kEventId = 3,
  kIdempotencyKey = 4,
  kType = 5,
  kTypeName = 6,
  kEndpoint = 7,
  kWorkspaceId = 8,
  kOccurredAt = 9,
  kReceivedAt = 10,
  kRecordedAt = 11,
  kFlags = 12,
  kShape = 13,
  kVerifiedForm = 14,
  kSecretName = 15,
  kOrigin = 16,
  kSuspectedDuplicateOf = 17,
  kOptOut = 18,
  kMessage = 19,
  kContact = 20,
  kCampaign = 21,
  kCrm = 22,
  kExtraJson = 23,
  kBody = 24,
  kSignature = 25,
};

// StreamEventsResponse; ListEventsResponse has its events at the same place.
enum class ResponseField : std::uint32_t { kEvents = 1, kScannedThrough = 2 };

}  // namespace tuco::python::wire

#endif  // TUCO_PYTHON_CORE_WIRE_FIELD_NUMBERS_H_

#include "tuco/internal/event_fields.h"

#include <array>
#include <cstddef>

namespace tuco::internal {
namespace {

template <typename T>
using Getter = T& (*)(Event&);

template <typename T>
struct Place {
  Field field;
  Getter<T> get;
};

template <auto Member>
auto& Of(Event& event) {
  return event.*Member;
}

template <auto Part, auto Member>
auto& Of(Event& event) {
  return event.*Part.*Member;
}

template <auto Member>
constexpr auto kInMessage = &Of<&Event::message, Member>;
template <auto Member>
constexpr auto kInContact = &Of<&Event::contact, Member>;
template <auto Member>
constexpr auto kInCampaign = &Of<&Event::campaign, Member>;
template <auto Member>
constexpr auto kInCrm = &Of<&Event::crm, Member>;

using F = Field;

constexpr Place<std::optional<std::string>> kTexts[] = {
    {F::kWorkspaceId, &Of<&Event::workspace_id>},
    {F::kMessageId, kInMessage<&Message::id>},
    {F::kText, kInMessage<&Message::text>},
    {F::kStatus, kInMessage<&Message::status>},
    {F::kChannel, kInMessage<&Message::channel>},
    {F::kDirection, kInMessage<&Message::direction>},
    {F::kLineId, kInMessage<&Message::line_id>},
    {F::kLinePhone, kInMessage<&Message::line_phone>},
    {F::kLineEmail, kInMessage<&Message::line_email>},
    {F::kBatchId, kInMessage<&Message::batch_id>},
    {F::kCreatedByUserId, kInMessage<&Message::created_by_user_id>},
    {F::kExternalMessageId, kInMessage<&Message::external_message_id>},
    {F::kError, kInMessage<&Message::error>},
    {F::kReason, kInMessage<&Message::reason>},
    {F::kInReplyTo, kInMessage<&Message::in_reply_to>},
    {F::kOriginalText, kInMessage<&Message::original_text>},
    {F::kLeadId, kInContact<&Contact::lead_id>},
    {F::kFirstName, kInContact<&Contact::first_name>},
    {F::kLastName, kInContact<&Contact::last_name>},
    {F::kDisplayName, kInContact<&Contact::display_name>},
    {F::kPhone, kInContact<&Contact::phone>},
    {F::kEmail, kInContact<&Contact::email>},
    {F::kListId, kInContact<&Contact::list_id>},
    {F::kOwnerEmail, kInContact<&Contact::owner_email>},
    {F::kSource, kInContact<&Contact::source>},
    {F::kCampaignId, kInCampaign<&Campaign::id>},
    {F::kCampaignName, kInCampaign<&Campaign::name>},
    {F::kGhlContactId, kInCrm<&Crm::ghl_contact_id>},
    {F::kGhlLocationId, kInCrm<&Crm::ghl_location_id>},
    {F::kGhlConversationMessageId, kInCrm<&Crm::ghl_conversation_message_id>},
    {F::kHsPortalId, kInCrm<&Crm::hs_portal_id>},
    {F::kHsContactId, kInCrm<&Crm::hs_contact_id>},
};

constexpr Place<std::optional<Timestamp>> kTimes[] = {
    {F::kOccurredAt, &Of<&Event::occurred_at>},
    {F::kScheduledAt, kInMessage<&Message::scheduled_at>},
    {F::kSentAt, kInMessage<&Message::sent_at>},
    {F::kDeliveredAt, kInMessage<&Message::delivered_at>},
    {F::kReadAt, kInMessage<&Message::read_at>},
    {F::kCreatedAt, kInMessage<&Message::created_at>},
    {F::kUpdatedAt, kInMessage<&Message::updated_at>},
};

constexpr Place<std::vector<std::string>> kLists[] = {
    {F::kCheckedAddresses, kInMessage<&Message::checked_addresses>},
    {F::kAttachmentUrls, kInMessage<&Message::attachment_urls>},
    {F::kAttachmentNames, kInMessage<&Message::attachment_names>},
};

// A table's places follow the enumerators', so that one subtraction finds one.
template <typename T, std::size_t Size>
constexpr bool IsInOrder(const Place<T> (&places)[Size]) {
  for (std::size_t i = 0; i < Size; ++i) {
    if (IndexOf(places[i].field) != IndexOf(places[0].field) + i) return false;
  }
  return true;
}
static_assert(IsInOrder(kTexts) && IsInOrder(kTimes) && IsInOrder(kLists));

template <typename T, std::size_t Size>
T& Find(const Place<T> (&places)[Size], Event& event, Field field) {
  return places[IndexOf(field) - IndexOf(places[0].field)].get(event);
}

}  // namespace

std::optional<std::string>& TextField(Event& event, Field field) {
  return Find(kTexts, event, field);
}

std::optional<Timestamp>& TimeField(Event& event, Field field) {
  return Find(kTimes, event, field);
}

std::vector<std::string>& TextsField(Event& event, Field field) {
  return Find(kLists, event, field);
}

}  // namespace tuco::internal

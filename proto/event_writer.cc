#include "proto/event_writer.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/timestamp.pb.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "tuco/events/v1/event.pb.h"

namespace tuco::proto {
namespace {

namespace pb = events::v1;
using google::protobuf::io::CodedOutputStream;

constexpr std::uint32_t kVarint = 0;
constexpr std::uint32_t kLengthDelimited = 2;
constexpr int kFlagsEnd = 32;

constexpr std::uint32_t Tag(int field, std::uint32_t wire_type) {
  return static_cast<std::uint32_t>(field) << 3 | wire_type;
}

// How long the fields are that it is given.
class ByteCounter {
 public:
  void Varint(std::uint64_t value) {
    size_ += CodedOutputStream::VarintSize64(value);
  }
  void Bytes(std::string_view bytes) { size_ += bytes.size(); }
  // The fields of a message, which have that size.
  template <typename Value>
  void Fields(const Value& /*value*/, std::size_t size) {
    size_ += size;
  }

  std::size_t size() const { return size_; }

 private:
  std::size_t size_ = 0;
};

// Writes them to where there is room for them.
class ByteWriter {
 public:
  explicit ByteWriter(char* to) : at_(reinterpret_cast<std::uint8_t*>(to)) {}

  void Varint(std::uint64_t value) {
    at_ = CodedOutputStream::WriteVarint64ToArray(value, at_);
  }
  void Bytes(std::string_view bytes) {
    at_ = CodedOutputStream::WriteRawToArray(
        bytes.data(), static_cast<int>(bytes.size()), at_);
  }
  template <typename Value>
  void Fields(const Value& value, std::size_t /*size*/) {
    PutFields(*this, value);
  }

 private:
  std::uint8_t* at_;
};

template <typename Sink>
void PutNumber(Sink& sink, int field, std::uint64_t value) {
  sink.Varint(Tag(field, kVarint));
  sink.Varint(value);
}

template <typename Sink>
void PutHead(Sink& sink, int field, std::size_t size) {
  sink.Varint(Tag(field, kLengthDelimited));
  sink.Varint(size);
}

template <typename Sink>
void PutText(Sink& sink, int field, std::string_view text) {
  PutHead(sink, field, text.size());
  sink.Bytes(text);
}

// What is not `optional` in the schema is left out where it is zero or empty.
template <typename Sink>
void PutUnlessZero(Sink& sink, int field, std::uint64_t value) {
  if (value != 0) PutNumber(sink, field, value);
}

template <typename Sink>
void PutUnlessEmpty(Sink& sink, int field, std::string_view text) {
  if (!text.empty()) PutText(sink, field, text);
}

template <typename Sink>
void Put(Sink& sink, int field, const std::optional<std::string>& text) {
  if (text.has_value()) PutText(sink, field, *text);
}

template <typename Sink>
void Put(Sink& sink, int field, const std::optional<std::int64_t>& number) {
  if (!number.has_value()) return;
  PutNumber(sink, field, static_cast<std::uint64_t>(*number));
}

template <typename Sink>
void Put(Sink& sink, int field, const std::optional<bool>& value) {
  if (value.has_value()) PutNumber(sink, field, *value ? 1 : 0);
}

template <typename Sink>
void Put(Sink& sink, int field, const std::vector<std::string>& texts) {
  for (const std::string& text : texts) PutText(sink, field, text);
}

template <typename Value>
std::size_t SizeOf(const Value& value) {
  ByteCounter counter;
  PutFields(counter, value);
  return counter.size();
}

enum class Empty : bool { kLeftOut, kPut };

template <typename Sink, typename Value>
void PutMessage(Sink& sink, int field, const Value& value,
                Empty empty = Empty::kPut) {
  const std::size_t size = SizeOf(value);
  if (size == 0 && empty == Empty::kLeftOut) return;
  PutHead(sink, field, size);
  sink.Fields(value, size);
}

template <typename Sink>
void PutFields(Sink& sink, Timestamp time) {
  using Pb = google::protobuf::Timestamp;
  const auto seconds =
      std::chrono::floor<std::chrono::seconds>(time.time_since_epoch());
  const std::chrono::nanoseconds rest = time.time_since_epoch() - seconds;
  PutUnlessZero(sink, Pb::kSecondsFieldNumber,
                static_cast<std::uint64_t>(seconds.count()));
  PutUnlessZero(sink, Pb::kNanosFieldNumber,
                static_cast<std::uint64_t>(rest.count()));
}

template <typename Sink>
void Put(Sink& sink, int field, const std::optional<Timestamp>& time) {
  if (time.has_value()) PutMessage(sink, field, *time);
}

template <typename Sink>
void PutFields(Sink& sink, const ParentMessage& parent) {
  using Pb = pb::ParentMessage;
  Put(sink, Pb::kMessageIdFieldNumber, parent.message_id);
  Put(sink, Pb::kTextFieldNumber, parent.text);
  Put(sink, Pb::kSentAtFieldNumber, parent.sent_at);
  Put(sink, Pb::kBatchIdFieldNumber, parent.batch_id);
  Put(sink, Pb::kStepIndexFieldNumber, parent.step_index);
}

template <typename Sink>
void PutFields(Sink& sink, const RecentReply& reply) {
  using Pb = pb::RecentReply;
  Put(sink, Pb::kMessageIdFieldNumber, reply.message_id);
  Put(sink, Pb::kTextFieldNumber, reply.text);
  Put(sink, Pb::kReceivedAtFieldNumber, reply.received_at);
}

template <typename Sink>
void PutFields(Sink& sink, const Message& message) {
  using Pb = pb::Message;
  Put(sink, Pb::kIdFieldNumber, message.id);
  Put(sink, Pb::kTextFieldNumber, message.text);
  Put(sink, Pb::kStatusFieldNumber, message.status);
  Put(sink, Pb::kChannelFieldNumber, message.channel);
  Put(sink, Pb::kDirectionFieldNumber, message.direction);
  Put(sink, Pb::kLineIdFieldNumber, message.line_id);
  Put(sink, Pb::kLinePhoneFieldNumber, message.line_phone);
  Put(sink, Pb::kLineEmailFieldNumber, message.line_email);
  Put(sink, Pb::kBatchIdFieldNumber, message.batch_id);
  Put(sink, Pb::kStepIndexFieldNumber, message.step_index);
  Put(sink, Pb::kScheduledAtFieldNumber, message.scheduled_at);
  Put(sink, Pb::kSentAtFieldNumber, message.sent_at);
  Put(sink, Pb::kDeliveredAtFieldNumber, message.delivered_at);
  Put(sink, Pb::kReadAtFieldNumber, message.read_at);
  Put(sink, Pb::kCreatedAtFieldNumber, message.created_at);
  Put(sink, Pb::kUpdatedAtFieldNumber, message.updated_at);
  Put(sink, Pb::kCreatedByUserIdFieldNumber, message.created_by_user_id);
  Put(sink, Pb::kExternalMessageIdFieldNumber, message.external_message_id);
  Put(sink, Pb::kErrorFieldNumber, message.error);
  Put(sink, Pb::kReasonFieldNumber, message.reason);
  Put(sink, Pb::kCheckedAddressesFieldNumber, message.checked_addresses);
  Put(sink, Pb::kAttachmentUrlsFieldNumber, message.attachment_urls);
  Put(sink, Pb::kAttachmentNamesFieldNumber, message.attachment_names);
  Put(sink, Pb::kSendFallbackSmsOnFailedFieldNumber,
      message.send_fallback_sms_on_failed);
  Put(sink, Pb::kInReplyToFieldNumber, message.in_reply_to);
  Put(sink, Pb::kOriginalTextFieldNumber, message.original_text);
  for (const ParentMessage& parent : message.parents) {
    PutMessage(sink, Pb::kParentsFieldNumber, parent);
  }
  for (const RecentReply& reply : message.recent_replies) {
    PutMessage(sink, Pb::kRecentRepliesFieldNumber, reply);
  }
}

template <typename Sink>
void PutFields(Sink& sink, const Contact& contact) {
  using Pb = pb::Contact;
  Put(sink, Pb::kLeadIdFieldNumber, contact.lead_id);
  Put(sink, Pb::kFirstNameFieldNumber, contact.first_name);
  Put(sink, Pb::kLastNameFieldNumber, contact.last_name);
  Put(sink, Pb::kDisplayNameFieldNumber, contact.display_name);
  Put(sink, Pb::kPhoneFieldNumber, contact.phone);
  Put(sink, Pb::kEmailFieldNumber, contact.email);
  Put(sink, Pb::kListIdFieldNumber, contact.list_id);
  Put(sink, Pb::kOwnerEmailFieldNumber, contact.owner_email);
  Put(sink, Pb::kSourceFieldNumber, contact.source);
}

template <typename Sink>
void PutFields(Sink& sink, const Campaign& campaign) {
  Put(sink, pb::Campaign::kIdFieldNumber, campaign.id);
  Put(sink, pb::Campaign::kNameFieldNumber, campaign.name);
}

template <typename Sink>
void PutFields(Sink& sink, const Crm& crm) {
  using Pb = pb::Crm;
  Put(sink, Pb::kGhlContactIdFieldNumber, crm.ghl_contact_id);
  Put(sink, Pb::kGhlLocationIdFieldNumber, crm.ghl_location_id);
  Put(sink, Pb::kGhlConversationMessageIdFieldNumber,
      crm.ghl_conversation_message_id);
  Put(sink, Pb::kHsPortalIdFieldNumber, crm.hs_portal_id);
  Put(sink, Pb::kHsContactIdFieldNumber, crm.hs_contact_id);
}

// Packed; the number of a flag is below 128 and takes one byte.
template <typename Sink>
void PutFlags(Sink& sink, int field, Flags flags) {
  std::string numbers;
  for (int bit = 1; bit < kFlagsEnd; ++bit) {
    if (flags.Has(static_cast<Flag>(bit))) {
      numbers.push_back(static_cast<char>(bit));
    }
  }
  PutUnlessEmpty(sink, field, numbers);
}

template <typename Enum>
constexpr std::uint64_t NumberOf(Enum value) {
  return static_cast<std::uint64_t>(value);
}

template <typename Sink>
void PutFields(Sink& sink, const Event& event) {
  using Pb = pb::Event;
  PutUnlessEmpty(sink, Pb::kEventIdFieldNumber, event.event_id);
  PutUnlessEmpty(sink, Pb::kIdempotencyKeyFieldNumber, event.idempotency_key);
  PutUnlessZero(sink, Pb::kTypeFieldNumber, NumberOf(event.type));
  PutUnlessEmpty(sink, Pb::kTypeNameFieldNumber, event.type_name);
  PutUnlessEmpty(sink, Pb::kEndpointFieldNumber, event.endpoint);
  Put(sink, Pb::kWorkspaceIdFieldNumber, event.workspace_id);
  Put(sink, Pb::kOccurredAtFieldNumber, event.occurred_at);
  Put(sink, Pb::kReceivedAtFieldNumber, event.received_at);
  PutFlags(sink, Pb::kFlagsFieldNumber, event.flags);
  PutUnlessZero(sink, Pb::kShapeFieldNumber, NumberOf(event.shape));
  PutUnlessZero(sink, Pb::kVerifiedFormFieldNumber,
                NumberOf(event.verified_form));
  PutUnlessEmpty(sink, Pb::kSecretNameFieldNumber, event.secret_name);
  PutUnlessZero(sink, Pb::kOriginFieldNumber, NumberOf(event.origin));
  Put(sink, Pb::kOptOutFieldNumber, event.opt_out);
  PutMessage(sink, Pb::kMessageFieldNumber, event.message, Empty::kLeftOut);
  PutMessage(sink, Pb::kContactFieldNumber, event.contact, Empty::kLeftOut);
  PutMessage(sink, Pb::kCampaignFieldNumber, event.campaign, Empty::kLeftOut);
  PutMessage(sink, Pb::kCrmFieldNumber, event.crm, Empty::kLeftOut);
  Put(sink, Pb::kExtraJsonFieldNumber, event.extra_json);
}

}  // namespace

std::string SerializeForLog(const Event& event) {
  std::string bytes(SizeOf(event), '\0');
  ByteWriter writer(bytes.data());
  PutFields(writer, event);
  return bytes;
}

}  // namespace tuco::proto

#include "_core/wire/event_decoder.h"

#include <array>
#include <chrono>
#include <cstddef>
#include <exception>
#include <protozero/exception.hpp>
#include <protozero/pbf_reader.hpp>
#include <string>
#include <utility>
#include <vector>

#include "_core/wire/field_numbers.h"
#include "tuco/internal/utf8.h"
#include "tuco/strings.h"
#include "tuco/timestamp.h"

namespace tuco::python::wire {
namespace {

using protozero::pbf_reader;
using protozero::pbf_wire_type;

constexpr std::int64_t kMicrosPerSecond = 1'000'000;
constexpr std::int64_t kNanosPerMicro = 1'000;
constexpr std::int64_t kNanosEnd = 1'000'000'000;
// The years 0001 to 9999, which is all that a Timestamp may hold.
constexpr std::int64_t kSecondsMin = -62'135'596'800;
constexpr std::int64_t kSecondsMax = 253'402'300'799;

// What protozero has no word for.
class Malformed : public std::exception {
 public:
  explicit Malformed(const char* what) : what_(what) {}
  const char* what() const noexcept override { return what_; }

 private:
  const char* what_;
};

// The enumerator with that number, or the first one where it is above `last`.
template <typename Enum>
Enum Known(std::int32_t number, Enum last) {
  return number > 0 && number <= static_cast<std::int32_t>(last)
             ? static_cast<Enum>(number)
             : Enum::kUnspecified;
}

void AddFlag(std::int32_t number, Flags& flags) {
  if (number <= 0) return;
  if (number > static_cast<std::int32_t>(Flag::kWorkspaceMismatch)) return;
  flags.Add(static_cast<Flag>(number));
}

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

// Walks through messages and knows where it is. What goes wrong is thrown and
// caught at the outermost message only.
class Decoder {
 public:
  explicit Decoder(std::string_view bytes)
      : begin_(bytes.data()), at_(bytes.data()) {}

  // `event` is an EventView or a tuco::Event: the members have the same names.
  template <typename Event>
  void ReadEvent(pbf_reader in, Event& event);
  template <typename Visit>
  void ReadResponse(pbf_reader in, std::uint64_t& scanned_through,
                    const Visit& visit);

  // `what` with the field and the byte at which it was found.
  absl::Status At(const char* what) const;

 private:
  // An event within a response has parents within a message with times.
  static constexpr std::size_t kDepthMax = 5;

  // Calls `visit` with each field.
  template <typename Visit>
  void Each(pbf_reader& in, const Visit& visit);

  // The field at hand, skipped where its wire type is another one.
  void Read(pbf_reader& in, Text& text);
  void Read(pbf_reader& in, std::string& text);
  void Read(pbf_reader& in, std::optional<std::string>& text);
  template <typename String>
  void Read(pbf_reader& in, std::vector<String>& texts);
  void Read(pbf_reader& in, std::optional<std::int64_t>& number);
  void Read(pbf_reader& in, std::optional<std::uint64_t>& number);
  void Read(pbf_reader& in, std::optional<bool>& value);
  void Read(pbf_reader& in, std::uint64_t& number);
  void Read(pbf_reader& in, Flags& flags);
  void ReadTime(pbf_reader& in, std::int64_t& time);
  void ReadTime(pbf_reader& in, std::optional<Timestamp>& time);
  void ReadBytes(pbf_reader& in, Text& bytes);
  void ReadBytes(pbf_reader& in, std::optional<std::string>& bytes);
  template <typename Enum>
  void ReadEnum(pbf_reader& in, Enum last, Enum& value);
  // A message, whose fields `visit` gets.
  template <typename Visit>
  void ReadMessage(pbf_reader& in, const Visit& visit);

  template <typename Parent>
  void ReadParentField(pbf_reader& in, Parent& parent);
  template <typename Reply>
  void ReadReplyField(pbf_reader& in, Reply& reply);
  template <typename Message>
  void ReadMessageField(pbf_reader& in, Message& message);
  template <typename Contact>
  void ReadContactField(pbf_reader& in, Contact& contact);
  template <typename Campaign>
  void ReadCampaignField(pbf_reader& in, Campaign& campaign);
  template <typename Crm>
  void ReadCrmField(pbf_reader& in, Crm& crm);
  template <typename Event>
  void ReadEventField(pbf_reader& in, Event& event);

  const char* begin_;
  const char* at_;
  std::array<std::uint32_t, kDepthMax> path_{};
  std::size_t depth_ = 0;
};

bool Is(const pbf_reader& in, pbf_wire_type type) {
  return in.wire_type() == type;
}

template <typename Visit>
void Decoder::Each(pbf_reader& in, const Visit& visit) {
  std::uint32_t& number = path_[depth_++];
  while (true) {
    number = 0;
    at_ = in.data().data();
    if (!in.next()) break;
    number = in.tag();
    visit(in);
  }
  --depth_;
}

template <typename Visit>
void Decoder::ReadMessage(pbf_reader& in, const Visit& visit) {
  if (!Is(in, pbf_wire_type::length_delimited)) return in.skip();
  pbf_reader message = in.get_message();
  Each(message, visit);
}

void Decoder::ReadBytes(pbf_reader& in, Text& bytes) {
  if (!Is(in, pbf_wire_type::length_delimited)) return in.skip();
  const protozero::data_view view = in.get_view();
  bytes = {view.data(), view.size()};
}

void Decoder::ReadBytes(pbf_reader& in, std::optional<std::string>& bytes) {
  Text view;
  ReadBytes(in, view);
  if (view.data() != nullptr) bytes = view;
}

void Decoder::Read(pbf_reader& in, Text& text) {
  if (!Is(in, pbf_wire_type::length_delimited)) return in.skip();
  ReadBytes(in, text);
  if (!internal::IsWellFormedUtf8(text)) throw Malformed("it is not UTF-8");
}

void Decoder::Read(pbf_reader& in, std::string& text) {
  Text view;
  Read(in, view);
  if (view.data() != nullptr) text = view;
}

void Decoder::Read(pbf_reader& in, std::optional<std::string>& text) {
  Text view;
  Read(in, view);
  if (view.data() != nullptr) text = view;
}

template <typename String>
void Decoder::Read(pbf_reader& in, std::vector<String>& texts) {
  if (!Is(in, pbf_wire_type::length_delimited)) return in.skip();
  Read(in, texts.emplace_back());
}

void Decoder::Read(pbf_reader& in, std::optional<std::int64_t>& number) {
  if (!Is(in, pbf_wire_type::varint)) return in.skip();
  number = in.get_int64();
}

void Decoder::Read(pbf_reader& in, std::optional<std::uint64_t>& number) {
  if (!Is(in, pbf_wire_type::varint)) return in.skip();
  number = in.get_uint64();
}

void Decoder::Read(pbf_reader& in, std::optional<bool>& value) {
  if (!Is(in, pbf_wire_type::varint)) return in.skip();
  value = in.get_uint64() != 0;
}

void Decoder::Read(pbf_reader& in, std::uint64_t& number) {
  if (!Is(in, pbf_wire_type::varint)) return in.skip();
  number = in.get_uint64();
}

void Decoder::Read(pbf_reader& in, Flags& flags) {
  if (Is(in, pbf_wire_type::varint)) {
    AddFlag(in.get_enum(), flags);
  } else if (Is(in, pbf_wire_type::length_delimited)) {
    for (const std::int32_t number : in.get_packed_enum()) {
      AddFlag(number, flags);
    }
  } else {
    in.skip();
  }
}

template <typename Enum>
void Decoder::ReadEnum(pbf_reader& in, Enum last, Enum& value) {
  if (!Is(in, pbf_wire_type::varint)) return in.skip();
  value = Known(in.get_enum(), last);
}

// One that stands twice is merged as well: each of its two numbers is the last
// one that was given.
void Decoder::ReadTime(pbf_reader& in, std::int64_t& time) {
  if (!Is(in, pbf_wire_type::length_delimited)) return in.skip();
  const std::int64_t known = time == kNoTime ? 0 : time;
  std::int64_t nanos = known % kMicrosPerSecond * kNanosPerMicro;
  std::int64_t seconds = known / kMicrosPerSecond;
  if (nanos < 0) {
    nanos += kNanosEnd;
    --seconds;
  }
  ReadMessage(in, [&](pbf_reader& field) {
    const auto number = static_cast<TimestampField>(field.tag());
    if (!Is(field, pbf_wire_type::varint)) return field.skip();
    if (number == TimestampField::kSeconds) {
      seconds = field.get_int64();
    } else if (number == TimestampField::kNanos) {
      nanos = field.get_int32();
    } else {
      field.skip();
    }
  });
  if (seconds < kSecondsMin || seconds > kSecondsMax || nanos < 0 ||
      nanos >= kNanosEnd) {
    throw Malformed("it is no time in the years 1 to 9999");
  }
  time = seconds * kMicrosPerSecond + nanos / kNanosPerMicro;
}

void Decoder::ReadTime(pbf_reader& in, std::optional<Timestamp>& time) {
  std::int64_t micros = time ? time->time_since_epoch().count() : kNoTime;
  ReadTime(in, micros);
  if (micros != kNoTime) time = Timestamp(std::chrono::microseconds(micros));
}

template <typename Parent>
void Decoder::ReadParentField(pbf_reader& in, Parent& parent) {
  switch (static_cast<ParentField>(in.tag())) {
    case ParentField::kMessageId:
      return Read(in, parent.message_id);
    case ParentField::kText:
      return Read(in, parent.text);
    case ParentField::kSentAt:
      return ReadTime(in, parent.sent_at);
    case ParentField::kBatchId:
      return Read(in, parent.batch_id);
    case ParentField::kStepIndex:
      return Read(in, parent.step_index);
  }
  in.skip();
}

template <typename Reply>
void Decoder::ReadReplyField(pbf_reader& in, Reply& reply) {
  switch (static_cast<ReplyField>(in.tag())) {
    case ReplyField::kMessageId:
      return Read(in, reply.message_id);
    case ReplyField::kText:
      return Read(in, reply.text);
    case ReplyField::kReceivedAt:
      return ReadTime(in, reply.received_at);
  }
  in.skip();
}

template <typename Message>
// NOLINTNEXTLINE(readability-function-size): a line or two for each field.
void Decoder::ReadMessageField(pbf_reader& in, Message& message) {
  switch (static_cast<MessageField>(in.tag())) {
    case MessageField::kId:
      return Read(in, message.id);
    case MessageField::kText:
      return Read(in, message.text);
    case MessageField::kStatus:
      return Read(in, message.status);
    case MessageField::kChannel:
      return Read(in, message.channel);
    case MessageField::kDirection:
      return Read(in, message.direction);
    case MessageField::kLineId:
      return Read(in, message.line_id);
    case MessageField::kLinePhone:
      return Read(in, message.line_phone);
    case MessageField::kLineEmail:
      return Read(in, message.line_email);
    case MessageField::kBatchId:
      return Read(in, message.batch_id);
    case MessageField::kStepIndex:
      return Read(in, message.step_index);
    case MessageField::kScheduledAt:
      return ReadTime(in, message.scheduled_at);
    case MessageField::kSentAt:
      return ReadTime(in, message.sent_at);
    case MessageField::kDeliveredAt:
      return ReadTime(in, message.delivered_at);
    case MessageField::kReadAt:
      return ReadTime(in, message.read_at);
    case MessageField::kCreatedAt:
      return ReadTime(in, message.created_at);
    case MessageField::kUpdatedAt:
      return ReadTime(in, message.updated_at);
    case MessageField::kCreatedByUserId:
      return Read(in, message.created_by_user_id);
    case MessageField::kExternalMessageId:
      return Read(in, message.external_message_id);
    case MessageField::kError:
      return Read(in, message.error);
    case MessageField::kReason:
      return Read(in, message.reason);
    case MessageField::kCheckedAddresses:
      return Read(in, message.checked_addresses);
    case MessageField::kAttachmentUrls:
      return Read(in, message.attachment_urls);
    case MessageField::kAttachmentNames:
      return Read(in, message.attachment_names);
    case MessageField::kSendFallbackSmsOnFailed:
      return Read(in, message.send_fallback_sms_on_failed);
    case MessageField::kInReplyTo:
      return Read(in, message.in_reply_to);
    case MessageField::kOriginalText:
      return Read(in, message.original_text);
    case MessageField::kParents:
      if (!Is(in, pbf_wire_type::length_delimited)) return in.skip();
      return ReadMessage(
          in, [this, &parent = message.parents.emplace_back()](
                  pbf_reader& field) { ReadParentField(field, parent); });
    case MessageField::kRecentReplies:
      if (!Is(in, pbf_wire_type::length_delimited)) return in.skip();
      return ReadMessage(
          in, [this, &reply = message.recent_replies.emplace_back()](
                  pbf_reader& field) { ReadReplyField(field, reply); });
  }
  in.skip();
}

template <typename Contact>
void Decoder::ReadContactField(pbf_reader& in, Contact& contact) {
  switch (static_cast<ContactField>(in.tag())) {
    case ContactField::kLeadId:
      return Read(in, contact.lead_id);
    case ContactField::kFirstName:
      return Read(in, contact.first_name);
    case ContactField::kLastName:
      return Read(in, contact.last_name);
    case ContactField::kDisplayName:
      return Read(in, contact.display_name);
    case ContactField::kPhone:
      return Read(in, contact.phone);
    case ContactField::kEmail:
      return Read(in, contact.email);
    case ContactField::kListId:
      return Read(in, contact.list_id);
    case ContactField::kOwnerEmail:
      return Read(in, contact.owner_email);
    case ContactField::kSource:
      return Read(in, contact.source);
  }
  in.skip();
}

template <typename Campaign>
void Decoder::ReadCampaignField(pbf_reader& in, Campaign& campaign) {
  switch (static_cast<CampaignField>(in.tag())) {
    case CampaignField::kId:
      return Read(in, campaign.id);
    case CampaignField::kName:
      return Read(in, campaign.name);
  }
  in.skip();
}

template <typename Crm>
void Decoder::ReadCrmField(pbf_reader& in, Crm& crm) {
  switch (static_cast<CrmField>(in.tag())) {
    case CrmField::kGhlContactId:
      return Read(in, crm.ghl_contact_id);
    case CrmField::kGhlLocationId:
      return Read(in, crm.ghl_location_id);
    case CrmField::kGhlConversationMessageId:
      return Read(in, crm.ghl_conversation_message_id);
    case CrmField::kHsPortalId:
      return Read(in, crm.hs_portal_id);
    case CrmField::kHsContactId:
      return Read(in, crm.hs_contact_id);
  }
  in.skip();
}

template <typename Event>
// NOLINTNEXTLINE(readability-function-size): a line or two for each field.
void Decoder::ReadEventField(pbf_reader& in, Event& event) {
  switch (static_cast<EventField>(in.tag())) {
    case EventField::kSequence:
      return Read(in, event.sequence);
    case EventField::kEpoch:
      return Read(in, event.epoch);
    case EventField::kEventId:
      return Read(in, event.event_id);
    case EventField::kIdempotencyKey:
      return Read(in, event.idempotency_key);
    case EventField::kType:
      return ReadEnum(in, EventType::kMessageDelivered, event.type);
    case EventField::kTypeName:
      return Read(in, event.type_name);
    case EventField::kEndpoint:
      return Read(in, event.endpoint);
    case EventField::kWorkspaceId:
      return Read(in, event.workspace_id);
    case EventField::kOccurredAt:
      return ReadTime(in, event.occurred_at);
    case EventField::kReceivedAt:
      return ReadTime(in, event.received_at);
    case EventField::kRecordedAt:
      return ReadTime(in, event.recorded_at);
    case EventField::kFlags:
      return Read(in, event.flags);
    case EventField::kShape:
      return ReadEnum(in, Shape::kTest, event.shape);
    case EventField::kVerifiedForm:
      return ReadEnum(in, VerifiedForm::kCanonical, event.verified_form);
    case EventField::kSecretName:
      return Read(in, event.secret_name);
    case EventField::kOrigin:
      return ReadEnum(in, Origin::kBackfill, event.origin);
    case EventField::kSuspectedDuplicateOf:
      return Read(in, event.suspected_duplicate_of);
    case EventField::kOptOut:
      return Read(in, event.opt_out);
    case EventField::kMessage:
      return ReadMessage(in, [&](pbf_reader& field) {
        ReadMessageField(field, event.message);
      });
    case EventField::kContact:
      return ReadMessage(in, [&](pbf_reader& field) {
        ReadContactField(field, event.contact);
      });
    case EventField::kCampaign:
      return ReadMessage(in, [&](pbf_reader& field) {
        ReadCampaignField(field, event.campaign);
      });
    case EventField::kCrm:
      return ReadMessage(
          in, [&](pbf_reader& field) { ReadCrmField(field, event.crm); });
    case EventField::kExtraJson:
      return Read(in, event.extra_json);
    case EventField::kBody:
      return ReadBytes(in, event.body);
    case EventField::kSignature:
      return Read(in, event.signature);
  }
  in.skip();
}

template <typename Event>
void Decoder::ReadEvent(pbf_reader in, Event& event) {
  Each(in, [&](pbf_reader& field) { ReadEventField(field, event); });
}

template <typename Visit>
void Decoder::ReadResponse(pbf_reader in, std::uint64_t& scanned_through,
                           const Visit& visit) {
  EventView event;
  Each(in, [&](pbf_reader& field) {
    const auto number = static_cast<ResponseField>(field.tag());
    if (number == ResponseField::kScannedThrough) {
      Read(field, scanned_through);
    } else if (number == ResponseField::kEvents &&
               Is(field, pbf_wire_type::length_delimited)) {
      Clear(event);
      ReadMessage(field,
                  [&](pbf_reader& part) { ReadEventField(part, event); });
      visit(event);
    } else {
      field.skip();
    }
  });
}

absl::Status Decoder::At(const char* what) const {
  std::string place;
  for (std::size_t i = 0; i < depth_ && path_[i] != 0; ++i) {
    place += (i == 0 ? " in field " : ".") + std::to_string(path_[i]);
  }
  return absl::InvalidArgumentError(
      ToAbsl(Concat({"byte ", std::to_string(at_ - begin_), place,
                     " of the serialized message: ", what})));
}

// Does `work` and makes a status of what it throws.
template <typename Work>
absl::Status Caught(const Decoder& decoder, const Work& work) {
  try {
    work();
    return absl::OkStatus();
  } catch (const Malformed& error) {
    return decoder.At(error.what());
  } catch (const protozero::end_of_buffer_exception&) {
    return decoder.At("it ends too early");
  } catch (const protozero::varint_too_long_exception&) {
    return decoder.At("a number has more than ten bytes");
  } catch (const protozero::unknown_pbf_wire_type_exception&) {
    return decoder.At("there is no such wire type");
  } catch (const protozero::invalid_tag_exception&) {
    return decoder.At("there is no such field number");
  } catch (const protozero::exception& error) {
    return decoder.At(error.what());
  }
}

}  // namespace

absl::Status DecodeEvent(std::string_view bytes, EventView& event) {
  Decoder decoder(bytes);
  Clear(event);
  return Caught(decoder, [&] {
    decoder.ReadEvent(pbf_reader(bytes.data(), bytes.size()), event);
  });
}

absl::Status DecodeEvent(std::string_view bytes, Event& event) {
  Decoder decoder(bytes);
  event = Event();
  return Caught(decoder, [&] {
    decoder.ReadEvent(pbf_reader(bytes.data(), bytes.size()), event);
  });
}

absl::Status DecodeResponse(std::string_view bytes,
                            const std::function<void(const EventView&)>& visit,
                            std::uint64_t& scanned_through) {
  Decoder decoder(bytes);
  return Caught(decoder, [&] {
    decoder.ReadResponse(pbf_reader(bytes.data(), bytes.size()),
                         scanned_through, visit);
  });
}

}  // namespace tuco::python::wire

#include "_core/table/builder.h"

#include <bit>
#include <utility>

#include "_core/enums.h"

namespace tuco::python::table {
namespace {

using arrow::ColumnBuilder;
using arrow::Nulls;

constexpr Flag kLastFlag = Flag::kWorkspaceMismatch;

// Of what repeats: the members in the order of the schema.
enum ParentMember : std::size_t { kId, kText, kSentAt, kBatchId, kStepIndex };
enum ReplyMember : std::size_t { kReplyId, kReplyText, kReceivedAt };

using Columns = std::vector<std::unique_ptr<ColumnBuilder>>;

Columns ParentColumns() {
  Columns columns;
  columns.push_back(std::make_unique<arrow::Utf8Builder>());
  columns.push_back(std::make_unique<arrow::Utf8Builder>());
  columns.push_back(std::make_unique<arrow::TimestampBuilder>());
  columns.push_back(std::make_unique<arrow::Utf8Builder>());
  columns.push_back(std::make_unique<arrow::Int64Builder>());
  return columns;
}

Columns ReplyColumns() {
  Columns columns;
  columns.push_back(std::make_unique<arrow::Utf8Builder>());
  columns.push_back(std::make_unique<arrow::Utf8Builder>());
  columns.push_back(std::make_unique<arrow::TimestampBuilder>());
  return columns;
}

std::vector<std::string_view> Enumerators(Column column) {
  switch (column) {
    case Column::kType:
      return EventTypeNames();
    case Column::kShape:
      return ShapeNames();
    case Column::kVerifiedForm:
      return VerifiedFormNames();
    default:
      return OriginNames();
  }
}

std::unique_ptr<ColumnBuilder> MakeColumn(Column column) {
  const Nulls nulls = SpecOf(column).nullable ? Nulls::kYes : Nulls::kNo;
  switch (SpecOf(column).kind) {
    case ColumnKind::kUint64:
      return std::make_unique<arrow::Uint64Builder>(nulls);
    case ColumnKind::kInt64:
    case ColumnKind::kTime:
      return std::make_unique<arrow::Int64Builder>(nulls);
    case ColumnKind::kBool:
      return std::make_unique<arrow::BoolBuilder>(nulls);
    case ColumnKind::kText:
    case ColumnKind::kBytes:
      return std::make_unique<arrow::Utf8Builder>(nulls);
    case ColumnKind::kRepeatingText:
      return std::make_unique<arrow::DictionaryBuilder>(nulls);
    case ColumnKind::kEnum:
      return std::make_unique<arrow::DictionaryBuilder>(nulls,
                                                        Enumerators(column));
    case ColumnKind::kTexts:
      return std::make_unique<arrow::Utf8ListBuilder>(nulls);
    case ColumnKind::kParents:
      return std::make_unique<arrow::StructListBuilder>(nulls, ParentColumns());
    case ColumnKind::kRecentReplies:
      break;
  }
  return std::make_unique<arrow::StructListBuilder>(nulls, ReplyColumns());
}

// Appends a member of the struct that comes next, unless it is absent.
void TextMember(arrow::StructBuilder& structs, std::size_t member,
                const std::optional<std::string>& text) {
  if (text) structs.column<arrow::Utf8Builder>(member).Append(*text);
}

void TimeMember(arrow::StructBuilder& structs, std::size_t member,
                const std::optional<Timestamp>& time) {
  if (!time) return;
  structs.column<arrow::TimestampBuilder>(member).Append(
      time->time_since_epoch().count());
}

}  // namespace

Builder::Builder(const ColumnSet& columns)
    : wanted_(columns), columns_(kColumnCount), assembler_(Schema(columns)) {
  for (std::size_t i = 0; i < kColumnCount; ++i) {
    if (columns[i]) columns_[i] = MakeColumn(static_cast<Column>(i));
  }
}

void Builder::Set(Flags flags) {
  if (!has(Column::kFlags)) return;
  for (std::uint32_t bits = flags.bits(); bits != 0; bits &= bits - 1) {
    const auto flag = static_cast<Flag>(std::countr_zero(bits));
    if (flag <= kLastFlag) Item(Column::kFlags, FlagName(flag));
  }
}

void Builder::Parents(std::span<const ParentMessage> parents) {
  if (!has(Column::kMessageParents)) return;
  auto& structs =
      Ready<arrow::StructListBuilder>(Column::kMessageParents).items();
  const std::size_t before = structs.bytes();
  for (const ParentMessage& parent : parents) {
    TextMember(structs, kId, parent.message_id);
    TextMember(structs, kText, parent.text);
    TimeMember(structs, kSentAt, parent.sent_at);
    TextMember(structs, kBatchId, parent.batch_id);
    if (parent.step_index) {
      structs.column<arrow::Int64Builder>(kStepIndex)
          .Append(*parent.step_index);
    }
    structs.EndStruct();
  }
  bytes_ += structs.bytes() - before;
}

void Builder::RecentReplies(std::span<const RecentReply> replies) {
  if (!has(Column::kMessageRecentReplies)) return;
  auto& structs =
      Ready<arrow::StructListBuilder>(Column::kMessageRecentReplies).items();
  const std::size_t before = structs.bytes();
  for (const RecentReply& reply : replies) {
    TextMember(structs, kReplyId, reply.message_id);
    TextMember(structs, kReplyText, reply.text);
    TimeMember(structs, kReceivedAt, reply.received_at);
    structs.EndStruct();
  }
  bytes_ += structs.bytes() - before;
}

void Builder::EndRow() {
  EndLists();
  ++row_;
  if (row_ == kBatchRows || bytes_ >= kBatchBytes) EndBatch();
}

void Builder::EndLists() {
  EndListOf<arrow::Utf8ListBuilder>(Column::kFlags);
  EndListOf<arrow::Utf8ListBuilder>(Column::kMessageCheckedAddresses);
  EndListOf<arrow::Utf8ListBuilder>(Column::kMessageAttachmentUrls);
  EndListOf<arrow::Utf8ListBuilder>(Column::kMessageAttachmentNames);
  EndListOf<arrow::StructListBuilder>(Column::kMessageParents);
  EndListOf<arrow::StructListBuilder>(Column::kMessageRecentReplies);
}

void Builder::EndBatch() {
  arrow::RecordBatch batch;
  batch.rows = row_;
  const auto zeros = static_cast<std::size_t>(row_) * sizeof(std::int64_t);
  if (zeros_ == nullptr || zeros_->size() < zeros) {
    zeros_ = std::make_shared<const arrow::Buffer>(arrow::Buffer::Zeros(zeros));
  }
  for (const auto& column : columns_) {
    if (column == nullptr) continue;
    batch.columns.push_back(column->Finish(row_, zeros_));
  }
  assembler_.Add(std::move(batch));
  row_ = 0;
  bytes_ = 0;
}

std::shared_ptr<const arrow::Table> Builder::Finish() {
  if (row_ != 0) EndBatch();
  auto table = std::make_shared<const arrow::Table>(assembler_.Finish());
  assembler_ = arrow::Assembler(Schema(wanted_));
  return table;
}

void Builder::TextIf(Column column, const std::optional<std::string>& text) {
  if (text) Text(column, *text);
}

void Builder::TimeIf(Column column, const std::optional<Timestamp>& time) {
  if (time) Time(column, *time);
}

void Builder::Items(Column column, const std::vector<std::string>& texts) {
  for (const std::string& text : texts) Item(column, text);
}

void Builder::Append(const Event& event) {
  AppendGiven(event);
  AppendMessage(event.message);
  AppendContact(event.contact);
  AppendOthers(event);
  EndRow();
}

// What is not in the body's members: given, or concluded from them.
void Builder::AppendGiven(const Event& event) {
  if (event.sequence != 0) Unsigned(Column::kSequence, event.sequence);
  if (event.epoch != 0) Unsigned(Column::kEpoch, event.epoch);
  Text(Column::kEventId, event.event_id);
  Text(Column::kIdempotencyKey, event.idempotency_key);
  Enum(Column::kType, static_cast<std::uint32_t>(event.type));
  Text(Column::kEndpoint, event.endpoint);
  TimeIf(Column::kReceivedAt, event.received_at);
  TimeIf(Column::kRecordedAt, event.recorded_at);
  Set(event.flags);
  Enum(Column::kShape, static_cast<std::uint32_t>(event.shape));
  Enum(Column::kVerifiedForm, static_cast<std::uint32_t>(event.verified_form));
  Text(Column::kSecretName, event.secret_name);
  Enum(Column::kOrigin, static_cast<std::uint32_t>(event.origin));
  if (event.suspected_duplicate_of) {
    Unsigned(Column::kSuspectedDuplicateOf, *event.suspected_duplicate_of);
  }
  if (event.opt_out) Bool(Column::kOptOut, *event.opt_out);
}

void Builder::AppendMessage(const Message& message) {
  TextIf(Column::kMessageId, message.id);
  TextIf(Column::kMessageText, message.text);
  TextIf(Column::kMessageStatus, message.status);
  TextIf(Column::kMessageChannel, message.channel);
  TextIf(Column::kMessageDirection, message.direction);
  TextIf(Column::kMessageLineId, message.line_id);
  TextIf(Column::kMessageLinePhone, message.line_phone);
  TextIf(Column::kMessageLineEmail, message.line_email);
  TextIf(Column::kMessageBatchId, message.batch_id);
  if (message.step_index) {
    Signed(Column::kMessageStepIndex, *message.step_index);
  }
  TimeIf(Column::kMessageScheduledAt, message.scheduled_at);
  TimeIf(Column::kMessageSentAt, message.sent_at);
  TimeIf(Column::kMessageDeliveredAt, message.delivered_at);
  TimeIf(Column::kMessageReadAt, message.read_at);
  TimeIf(Column::kMessageCreatedAt, message.created_at);
  TimeIf(Column::kMessageUpdatedAt, message.updated_at);
  TextIf(Column::kMessageCreatedByUserId, message.created_by_user_id);
  TextIf(Column::kMessageExternalMessageId, message.external_message_id);
  TextIf(Column::kMessageError, message.error);
  TextIf(Column::kMessageReason, message.reason);
  Items(Column::kMessageCheckedAddresses, message.checked_addresses);
  Items(Column::kMessageAttachmentUrls, message.attachment_urls);
  Items(Column::kMessageAttachmentNames, message.attachment_names);
  if (message.send_fallback_sms_on_failed) {
    Bool(Column::kMessageSendFallbackSmsOnFailed,
         *message.send_fallback_sms_on_failed);
  }
  TextIf(Column::kMessageInReplyTo, message.in_reply_to);
  TextIf(Column::kMessageOriginalText, message.original_text);
  if (!message.parents.empty()) Parents(message.parents);
  if (!message.recent_replies.empty()) RecentReplies(message.recent_replies);
}

void Builder::AppendContact(const Contact& contact) {
  TextIf(Column::kContactLeadId, contact.lead_id);
  TextIf(Column::kContactFirstName, contact.first_name);
  TextIf(Column::kContactLastName, contact.last_name);
  TextIf(Column::kContactDisplayName, contact.display_name);
  TextIf(Column::kContactPhone, contact.phone);
  TextIf(Column::kContactEmail, contact.email);
  TextIf(Column::kContactListId, contact.list_id);
  TextIf(Column::kContactOwnerEmail, contact.owner_email);
  TextIf(Column::kContactSource, contact.source);
}

void Builder::AppendOthers(const Event& event) {
  Text(Column::kTypeName, event.type_name);
  TextIf(Column::kWorkspaceId, event.workspace_id);
  TimeIf(Column::kOccurredAt, event.occurred_at);
  TextIf(Column::kCampaignId, event.campaign.id);
  TextIf(Column::kCampaignName, event.campaign.name);
  TextIf(Column::kCrmGhlContactId, event.crm.ghl_contact_id);
  TextIf(Column::kCrmGhlLocationId, event.crm.ghl_location_id);
  TextIf(Column::kCrmGhlConversationMessageId,
         event.crm.ghl_conversation_message_id);
  TextIf(Column::kCrmHsPortalId, event.crm.hs_portal_id);
  TextIf(Column::kCrmHsContactId, event.crm.hs_contact_id);
  TextIf(Column::kExtraJson, event.extra_json);
  if (event.body) Body(*event.body);
  TextIf(Column::kSignature, event.signature);
}

}  // namespace tuco::python::table

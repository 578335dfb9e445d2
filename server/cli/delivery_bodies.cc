// What Tuco's bodies look like, shape by shape. The order of the members is
// Tuco's own, which nothing depends on.

#include <chrono>
#include <string>
#include <string_view>

#include "server/cli/delivery_maker.h"
#include "tuco/event_type.h"

namespace tuco::cli {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::string_view kWorkspace = "org_abc123";
constexpr std::string_view kLead = "69b2c41d352a78479d2c623b";
constexpr std::string_view kList = "69ab444ac1feb77d7f46462f";
constexpr std::string_view kLine = "507f1f77bcf86cd799439011";
constexpr std::string_view kCampaign = "674a1b2c3d4e5f6789012345";
constexpr std::string_view kBatch = "campaign_674a1b2c3d4e5f6789012345_0";
constexpr std::string_view kPhone = "+19042956129";
constexpr std::string_view kEmail = "jane@example.com";
constexpr std::string_view kQuestion = "Hi Jane, quick question";
constexpr std::string_view kAnswer =
    "Yes, I'm interested! Can you tell me more?";
constexpr std::string_view kFailure = "Device offline";
constexpr std::string_view kNoIMessage = "No iMessage on +19042956129";

JsonTree Text(std::string_view text) { return JsonTree::String(text); }
JsonTree Null() { return JsonTree::Null(); }
JsonTree Empty() { return JsonTree::Array({}); }

// `before` earlier than the delivery, as JavaScript prints it.
JsonTree Time(const DeliveryOrder& order, seconds before = seconds(0)) {
  return Text(
      FormatTimestamp(std::chrono::floor<milliseconds>(order.now - before)));
}

JsonTree CheckedAddresses() {
  return JsonTree::Array({Text(kPhone), Text(kEmail)});
}

std::string_view StatusOf(EventType type) {
  switch (type) {
    case EventType::kMessageFailed:
      return "failed";
    case EventType::kMessageFallback:
      return "fallback";
    case EventType::kMessageReply:
      return "received";
    case EventType::kMessageDelivered:
      return "delivered";
    default:
      return "sent";
  }
}

EventType TypeOf(const DeliveryOrder& order) {
  return EventTypeFromName(order.kind.event);
}

bool IsReply(const DeliveryOrder& order) {
  return TypeOf(order) == EventType::kMessageReply;
}

JsonTree Base(const DeliveryOrder& order) {
  return JsonTree::Object({{"event", Text(order.kind.event)},
                           {"timestamp", Time(order)},
                           {"workspaceId", Text(kWorkspace)}});
}

// What the event itself adds to `data`.
void AddOutcome(const DeliveryOrder& order, JsonTree& data) {
  switch (TypeOf(order)) {
    case EventType::kMessageFailed:
      data.Add("error", Text(kFailure));
      break;
    case EventType::kMessageFallback:
      data.Add("reason", Text(kNoIMessage));
      data.Add("checkedAddresses", CheckedAddresses());
      break;
    case EventType::kMessageOpened:
      data.Add("readAt", Time(order, seconds(2)));
      break;
    default:
      break;
  }
}

JsonTree NestedBody(const DeliveryOrder& order) {
  JsonTree data =
      JsonTree::Object({{"messageId", Text(order.message_id)},
                        {"recipientPhone", Text(kPhone)},
                        {"message", Text(IsReply(order) ? kAnswer : kQuestion)},
                        {"status", Text(StatusOf(TypeOf(order)))},
                        {"lineId", Text(kLine)},
                        {"firstName", Text("Jane")},
                        {"lastName", Text("Smith")},
                        {"attachmentUrls", Empty()},
                        {"attachmentNames", Empty()}});
  AddOutcome(order, data);
  JsonTree body = Base(order);
  body.Add("data", std::move(data));
  return body;
}

JsonTree Lead() {
  return JsonTree::Object({{"_id", Text(kLead)},
                           {"firstName", Text("Jane")},
                           {"lastName", Text("Smith")},
                           {"email", Text(kEmail)},
                           {"phone", Text(kPhone)},
                           {"listId", Text(kList)},
                           {"workspaceId", Text(kWorkspace)},
                           {"source", Text("csv")}});
}

// What the event itself adds to the message document.
void AddProgress(const DeliveryOrder& order, JsonTree& document) {
  document.Add("sentAt", Time(order, seconds(1)));
  switch (TypeOf(order)) {
    case EventType::kMessageFailed:
      document.Add("errorMessage", Text(kFailure));
      break;
    case EventType::kMessageFallback:
      document.Add("errorMessage", Text(kNoIMessage));
      document.Add("checkedAddresses", CheckedAddresses());
      break;
    case EventType::kMessageOpened:
      document.Add("readAt", Time(order, seconds(2)));
      break;
    default:
      break;
  }
}

JsonTree MessageDocument(const DeliveryOrder& order) {
  const bool opened = TypeOf(order) == EventType::kMessageOpened;
  JsonTree document =
      JsonTree::Object({{"_id", Text(order.message_id)},
                        {"message", Text(kQuestion)},
                        {"messageType", Text(opened ? "email" : "imessage")},
                        {"status", Text(StatusOf(TypeOf(order)))},
                        {"fromLineId", Text(kLine)},
                        {"recipientPhone", Text(kPhone)},
                        {"recipientEmail", Text(kEmail)},
                        {"recipientName", Text("Jane Smith")},
                        {"leadId", Text(kLead)},
                        {"workspaceId", Text(kWorkspace)},
                        {"createdByUserId", Text("user_7")},
                        {"batchId", Text(kBatch)},
                        {"stepIndex", JsonTree::Spelt("0")},
                        {"createdAt", Time(order, seconds(120))},
                        {"updatedAt", Time(order)}});
  AddProgress(order, document);
  return document;
}

JsonTree MessageDocumentBody(const DeliveryOrder& order) {
  JsonTree body = Base(order);
  body.Add("messageId", Text(order.message_id));
  body.Add("message", MessageDocument(order));
  body.Add("leadId", Text(kLead));
  body.Add("lead", Lead());
  body.Add("campaignId", Text(kCampaign));
  body.Add("campaignName", Text("Spring launch"));
  body.Add("ghlContactId", Text("aMUQ0u0Z7cw0"));
  body.Add("ghlLocationId", Text("eL7DD22BdZ0r"));
  body.Add("hsPortalId", Null());
  body.Add("hsContactId", Null());
  JsonTree data = JsonTree::Object({});
  AddOutcome(order, data);
  body.Add("data", std::move(data));
  return body;
}

// The id of the message that a reply answers: another one than the reply's.
std::string ParentId(const DeliveryOrder& order) {
  return "parent_of_" + order.message_id;
}

JsonTree Parents(const DeliveryOrder& order) {
  return JsonTree::Array(
      {JsonTree::Object({{"messageId", Text(ParentId(order))},
                         {"message", Text(kQuestion)},
                         {"sentAtUtc", Time(order, seconds(90))},
                         {"batchId", Text(kBatch)},
                         {"stepIndex", JsonTree::Spelt("0")}})});
}

JsonTree ReplyData(const DeliveryOrder& order) {
  const JsonTree replied_at = Time(order, seconds(1));
  JsonTree recent =
      JsonTree::Array({JsonTree::Object({{"messageId", Text(order.message_id)},
                                         {"message", Text(kAnswer)},
                                         {"receivedAtUtc", replied_at}})});
  return JsonTree::Object(
      {{"reply", JsonTree::Object({{"leadId", Text(kLead)},
                                   {"messageId", Text(order.message_id)},
                                   {"respondedAtUtc", replied_at},
                                   {"recipientEmail", Text(kEmail)},
                                   {"recipientPhone", Text(kPhone)},
                                   {"name", Text("Jane Smith")},
                                   {"parentMessages", Parents(order)},
                                   {"recentReplies", std::move(recent)}})},
       {"repliedAtUtc", replied_at},
       {"parentMessages", Parents(order)}});
}

JsonTree FlatReplyBody(const DeliveryOrder& order) {
  JsonTree body = Base(order);
  body.Add("messageId", Text(order.message_id));
  body.Add("leadId", Text(kLead));
  body.Add("firstName", Text("Jane"));
  body.Add("lastName", Text("Smith"));
  body.Add("phone", Text(kPhone));
  body.Add("listId", Text(kList));
  body.Add("campaignId", Text(kCampaign));
  body.Add("campaignName", Text("Spring launch"));
  body.Add("fromLineId", Text(kLine));
  body.Add("recipientName", Text("Jane Smith"));
  body.Add("repliedAtUtc", Time(order, seconds(1)));
  body.Add("parentMessages", Parents(order));
  body.Add("message", Text(kAnswer));
  body.Add("data", ReplyData(order));
  body.Add("originalMessageId", Text(ParentId(order)));
  body.Add("lead", Lead());
  return body;
}

JsonTree ReplyDocumentBody(const DeliveryOrder& order) {
  JsonTree body = Base(order);
  body.Add("messageId", Text(order.message_id));
  body.Add("leadId", Text(kLead));
  body.Add("fromLineId", Text(kLine));
  body.Add("repliedAtUtc", Time(order, seconds(1)));
  body.Add("parentMessages", Parents(order));
  body.Add("message",
           JsonTree::Object({{"messageId", Text(order.message_id)},
                             {"respondedAtUtc", Time(order, seconds(1))},
                             {"messageSentAtUTC", Time(order, seconds(1))},
                             {"parentMessages", Parents(order)},
                             {"recipientEmail", Text(kEmail)},
                             {"recipientPhone", Text(kPhone)},
                             {"name", Text("Jane Smith")},
                             {"message", Text(kAnswer)},
                             {"direction", Text("received")},
                             {"leadId", Text(kLead)}}));
  body.Add("originalMessageId", Text(ParentId(order)));
  body.Add("originalMessage", JsonTree::Object({{"message", Text(kQuestion)},
                                                {"batchId", Text(kBatch)}}));
  body.Add("campaignId", Text(kCampaign));
  body.Add("campaignName", Text("Spring launch"));
  body.Add("lead", Lead());
  return body;
}

JsonTree LegacyBody(const DeliveryOrder& order) {
  JsonTree body = JsonTree::Object({{"event", Text(order.kind.event)},
                                    {"messageId", Text(order.message_id)},
                                    {"status", Text(StatusOf(TypeOf(order)))},
                                    {"message", Text("Hello 👋")},
                                    {"messageType", Text("imessage")},
                                    {"recipientEmail", Null()},
                                    {"recipientPhone", Text(kPhone)},
                                    {"recipientName", Text("Jane Smith")},
                                    {"leadId", Text(kLead)},
                                    {"workspaceId", Text(kWorkspace)},
                                    {"createdByUserId", Text("user_7")},
                                    {"sentAt", Time(order, seconds(5))}});
  if (TypeOf(order) == EventType::kMessageFallback) {
    body.Add("reason", Text(kNoIMessage));
    body.Add("checkedAddresses", CheckedAddresses());
  }
  body.Add("timestamp", Time(order));
  return body;
}

JsonTree SnakeCaseBody(const DeliveryOrder& order) {
  return JsonTree::Object(
      {{"event", Text(order.kind.event)},
       {"timestamp", Time(order)},
       {"data", JsonTree::Object({{"message_id", Text(order.message_id)},
                                  {"from", Text(kPhone)},
                                  {"to", Text("+15550123456")},
                                  {"body", Text("When can we talk?")},
                                  {"line_id", Text(kLine)},
                                  {"campaign_id", Text(kCampaign)}})}});
}

JsonTree HealthCheckBody(const DeliveryOrder& order) {
  JsonTree body = Base(order);
  body.Add("data", JsonTree::Object({{"test", JsonTree::Spelt("true")},
                                     {"message", Text("Health check " +
                                                      order.message_id)}}));
  return body;
}

}  // namespace

JsonTree MakeBody(const DeliveryOrder& order) {
  switch (order.kind.shape) {
    case Shape::kS2:
      return MessageDocumentBody(order);
    case Shape::kS3:
      return FlatReplyBody(order);
    case Shape::kS4:
      return ReplyDocumentBody(order);
    case Shape::kS5:
      return LegacyBody(order);
    case Shape::kS6:
      return SnakeCaseBody(order);
    case Shape::kTest:
      return HealthCheckBody(order);
    default:
      return NestedBody(order);
  }
}

}  // namespace tuco::cli

// An event in which every field has a value.

#ifndef TUCO_TESTS_PROTO_FULL_EVENT_H_
#define TUCO_TESTS_PROTO_FULL_EVENT_H_

#include <chrono>

#include "tuco/event.h"

namespace tuco::proto {

// Another time for each `offset`.
inline Timestamp FullEventTime(int offset) {
  return Timestamp(std::chrono::microseconds(1'776'254'400'000'042 + offset));
}

inline Message FullMessage() {
  return {.id = "m1",
          .text = "Voilà 🎉",
          .status = "received",
          .channel = "imessage",
          .direction = "received",
          .line_id = "line_1",
          .line_phone = "+15550100",
          .line_email = "line@example.com",
          .batch_id = "campaign_c1_0",
          .step_index = 0,
          .scheduled_at = FullEventTime(4),
          .sent_at = FullEventTime(5),
          .delivered_at = FullEventTime(6),
          .read_at = FullEventTime(7),
          .created_at = FullEventTime(8),
          .updated_at = FullEventTime(9),
          .created_by_user_id = "user_7",
          .external_message_id = "x1",
          .error = "Device offline",
          .reason = "No iMessage",
          .checked_addresses = {"+19042956129"},
          .attachment_urls = {"https://files.example.com/1"},
          .attachment_names = {"1.heic"},
          .send_fallback_sms_on_failed = false,
          .in_reply_to = "m0",
          .original_text = "Hi",
          .parents = {{"m0", "Hi", FullEventTime(10), "campaign_c1_0", 0}},
          .recent_replies = {{"m1", "Voilà 🎉", FullEventTime(11)}}};
}

inline Event FullEvent() {
  Event event;
  event.sequence = 7;
  event.epoch = 2;
  event.recorded_at = FullEventTime(1);
  event.suspected_duplicate_of = 3;
  event.received_at = FullEventTime(2);
  event.origin = Origin::kLive;
  event.verified_form = VerifiedForm::kRaw;
  event.secret_name = "main";
  event.event_id = "evt_00112233445566778899aabbccddeeff";
  event.idempotency_key = "m1/message.reply";
  event.type = EventType::kMessageReply;
  event.type_name = "message.reply";
  event.endpoint = "tuco";
  event.workspace_id = "org_abc123";
  event.occurred_at = FullEventTime(3);
  event.flags = {Flag::kTest, Flag::kWorkspaceMismatch};
  event.shape = Shape::kS4;
  event.opt_out = false;
  event.message = FullMessage();
  event.contact = {"lead",         "Jane",
                   "Smith",        "Jane Smith",
                   "+19042956129", "jane@example.com",
                   "list",         "owner@example.com",
                   "csv"};
  event.campaign = {"c1", "Spring launch"};
  event.crm = {"g1", "g2", "g3", "h1", "h2"};
  event.extra_json = R"({"somethingNew":1})";
  event.body = R"({"event":"message.reply"})";
  event.signature = std::string(64, 'a');
  return event;
}

}  // namespace tuco::proto

#endif  // TUCO_TESTS_PROTO_FULL_EVENT_H_

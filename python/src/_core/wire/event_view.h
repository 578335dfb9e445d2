// A decoded tuco.events.v1.Event that owns no text: views into the bytes that
// it was decoded from, valid as long as they are.
//
// The fields are those of tuco::Event under the same names. What is absent is a
// text without data, a time of kNoTime, or an optional without a value. Only
// what few events have is copied: parents and recent replies.

#ifndef TUCO_PYTHON_CORE_WIRE_EVENT_VIEW_H_
#define TUCO_PYTHON_CORE_WIRE_EVENT_VIEW_H_

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "tuco/event.h"
#include "tuco/event_type.h"

namespace tuco::python::wire {

using Text = std::string_view;

// Microseconds since 1970.
inline constexpr std::int64_t kNoTime = INT64_MIN;

struct MessageView {
  Text id;
  Text text;
  Text status;
  Text channel;
  Text direction;
  Text line_id;
  Text line_phone;
  Text line_email;
  Text batch_id;
  std::optional<std::int64_t> step_index;
  std::int64_t scheduled_at = kNoTime;
  std::int64_t sent_at = kNoTime;
  std::int64_t delivered_at = kNoTime;
  std::int64_t read_at = kNoTime;
  std::int64_t created_at = kNoTime;
  std::int64_t updated_at = kNoTime;
  Text created_by_user_id;
  Text external_message_id;
  Text error;
  Text reason;
  std::vector<Text> checked_addresses;
  std::vector<Text> attachment_urls;
  std::vector<Text> attachment_names;
  std::optional<bool> send_fallback_sms_on_failed;
  Text in_reply_to;
  Text original_text;
  std::vector<ParentMessage> parents;
  std::vector<RecentReply> recent_replies;
};

struct ContactView {
  Text lead_id;
  Text first_name;
  Text last_name;
  Text display_name;
  Text phone;
  Text email;
  Text list_id;
  Text owner_email;
  Text source;
};

struct CampaignView {
  Text id;
  Text name;
};

struct CrmView {
  Text ghl_contact_id;
  Text ghl_location_id;
  Text ghl_conversation_message_id;
  Text hs_portal_id;
  Text hs_contact_id;
};

// NOLINTBEGIN(readability-redundant-string-init): an empty text is not absent.
struct EventView {
  std::uint64_t sequence = 0;
  std::uint64_t epoch = 0;
  Text event_id = "";
  Text idempotency_key = "";
  EventType type = EventType::kUnspecified;
  Text type_name = "";
  Text endpoint = "";
  Text workspace_id;
  std::int64_t occurred_at = kNoTime;
  std::int64_t received_at = kNoTime;
  std::int64_t recorded_at = kNoTime;
  Flags flags;
  Shape shape = Shape::kUnspecified;
  VerifiedForm verified_form = VerifiedForm::kUnspecified;
  Text secret_name = "";
  Origin origin = Origin::kUnspecified;
  std::optional<std::uint64_t> suspected_duplicate_of;
  std::optional<bool> opt_out;
  MessageView message;
  ContactView contact;
  CampaignView campaign;
  CrmView crm;
  Text extra_json;
  Text body;
  Text signature;
};
// NOLINTEND(readability-redundant-string-init)

}  // namespace tuco::python::wire

#endif  // TUCO_PYTHON_CORE_WIRE_EVENT_VIEW_H_

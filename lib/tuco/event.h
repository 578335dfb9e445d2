// The event: what a delivery means, one type for all of Tuco's body shapes.
//
// A value: copyable, comparable, no views into anything. Absent is absent: an
// optional field without a value was missing, null or of another type in the
// signed text, and is different from an empty string. docs/events.md gives the
// member of the body that each field comes from; `tuco.events.v1.Event` has the
// same fields under the same names.

#ifndef TUCO_EVENT_H_
#define TUCO_EVENT_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tuco/event_type.h"
#include "tuco/timestamp.h"

namespace tuco {

// A message that a reply answers.
struct ParentMessage {
  std::optional<std::string> message_id;
  std::optional<std::string> text;
  std::optional<Timestamp> sent_at;
  std::optional<std::string> batch_id;
  std::optional<std::int64_t> step_index;

  friend bool operator==(const ParentMessage&, const ParentMessage&) = default;
};

// One of the latest replies of the same contact.
struct RecentReply {
  std::optional<std::string> message_id;
  std::optional<std::string> text;
  std::optional<Timestamp> received_at;

  friend bool operator==(const RecentReply&, const RecentReply&) = default;
};

struct Message {
  std::optional<std::string> id;
  std::optional<std::string> text;
  std::optional<std::string> status;
  std::optional<std::string> channel;  // imessage, sms, email
  std::optional<std::string> direction;
  std::optional<std::string> line_id;
  std::optional<std::string> line_phone;
  std::optional<std::string> line_email;
  std::optional<std::string> batch_id;
  std::optional<std::int64_t> step_index;  // From 0.
  std::optional<Timestamp> scheduled_at;
  std::optional<Timestamp> sent_at;
  std::optional<Timestamp> delivered_at;
  std::optional<Timestamp> read_at;
  std::optional<Timestamp> created_at;
  std::optional<Timestamp> updated_at;
  std::optional<std::string> created_by_user_id;
  std::optional<std::string> external_message_id;
  std::optional<std::string> error;
  std::optional<std::string> reason;
  std::vector<std::string> checked_addresses;
  std::vector<std::string> attachment_urls;
  std::vector<std::string> attachment_names;
  std::optional<bool> send_fallback_sms_on_failed;
  std::optional<std::string> in_reply_to;
  std::optional<std::string> original_text;
  std::vector<ParentMessage> parents;
  std::vector<RecentReply> recent_replies;

  friend bool operator==(const Message&, const Message&) = default;
};

// The person on the other side.
struct Contact {
  std::optional<std::string> lead_id;
  std::optional<std::string> first_name;
  std::optional<std::string> last_name;
  std::optional<std::string> display_name;
  std::optional<std::string> phone;  // E.164, not guaranteed.
  std::optional<std::string> email;
  std::optional<std::string> list_id;
  std::optional<std::string> owner_email;
  std::optional<std::string> source;

  friend bool operator==(const Contact&, const Contact&) = default;
};

struct Campaign {
  std::optional<std::string> id;
  std::optional<std::string> name;

  friend bool operator==(const Campaign&, const Campaign&) = default;
};

// Ids in GoHighLevel (ghl) and HubSpot (hs).
struct Crm {
  std::optional<std::string> ghl_contact_id;
  std::optional<std::string> ghl_location_id;
  std::optional<std::string> ghl_conversation_message_id;
  std::optional<std::string> hs_portal_id;
  std::optional<std::string> hs_contact_id;

  friend bool operator==(const Crm&, const Crm&) = default;
};

struct Event {
  // Given by the log; zero and absent until then.
  std::uint64_t sequence = 0;
  std::uint64_t epoch = 0;
  std::optional<Timestamp> recorded_at;
  std::optional<std::uint64_t> suspected_duplicate_of;

  // Given by the receiver.
  std::optional<Timestamp> received_at;
  Origin origin = Origin::kUnspecified;
  VerifiedForm verified_form = VerifiedForm::kUnspecified;
  std::string secret_name;

  // Read from the signed bytes.
  std::string event_id;
  std::string idempotency_key;
  EventType type = EventType::kUnspecified;
  std::string type_name;
  std::string endpoint;
  std::optional<std::string> workspace_id;
  std::optional<Timestamp> occurred_at;
  Flags flags;
  Shape shape = Shape::kUnspecified;
  std::optional<bool> opt_out;  // Replies only.
  Message message;
  Contact contact;
  Campaign campaign;
  Crm crm;
  // A JSON object in the body's own nesting with the members that no field
  // above holds, values spelt as in the signed text; absent when none is left.
  std::optional<std::string> extra_json;

  // The signed bytes and their signature in 64 lower-case hexadecimal digits,
  // when asked for.
  std::optional<std::string> body;
  std::optional<std::string> signature;

  friend bool operator==(const Event&, const Event&) = default;
};

}  // namespace tuco

#endif  // TUCO_EVENT_H_

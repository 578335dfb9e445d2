// Bodies like Tuco's, one for every shape that Tuco sends, with made-up people.
//
// Pure functions but for NewMessageId; safe for concurrent use.

#ifndef TUCO_SERVER_CLI_DELIVERY_MAKER_H_
#define TUCO_SERVER_CLI_DELIVERY_MAKER_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "server/cli/delivery_kind.h"
#include "server/cli/field_setting.h"
#include "server/cli/json_tree.h"
#include "tuco/timestamp.h"

namespace tuco::cli {

// What is to be sent. A value.
struct DeliveryOrder {
  DeliveryKind kind;
  Timestamp now;
  // Makes the body differ from every other: the id of its message, or in a
  // health check, which has none, part of its text.
  std::string message_id;
  std::vector<FieldSetting> fields;  // Set in this order.
};

// The body and what the unsigned headers say about it. A value.
struct Delivery {
  std::string body;
  std::string event;      // X-Tuco-Event.
  std::string timestamp;  // X-Tuco-Timestamp.
};

// InvalidArgument when a field cannot be set.
absl::StatusOr<Delivery> MakeDelivery(const DeliveryOrder& order);

// An id like Tuco's, 24 hexadecimal digits: the seconds, then random ones.
std::string NewMessageId(Timestamp now);

// The body before any field is set (delivery_bodies.cc).
JsonTree MakeBody(const DeliveryOrder& order);

}  // namespace tuco::cli

#endif  // TUCO_SERVER_CLI_DELIVERY_MAKER_H_

// Which body shape carries which of Tuco's events.
//
// Pure functions, safe for concurrent use.

#ifndef TUCO_SERVER_CLI_DELIVERY_KIND_H_
#define TUCO_SERVER_CLI_DELIVERY_KIND_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "tuco/event_type.h"

namespace tuco::cli {

// A value.
struct DeliveryKind {
  Shape shape = Shape::kS1;
  std::string event;  // Tuco's name, such as `message.reply`.

  friend bool operator==(const DeliveryKind&, const DeliveryKind&) = default;
};

// The kind that `--shape` and `--event` name; empty is not given. A missing
// shape is the first that carries the event, a missing event the one that the
// shape is known for. A name that is not Tuco's goes with every shape, since
// Tuco adds events without notice.
//
// InvalidArgument: no such shape, a shape that does not carry the event, or an
// event that no header could hold.
absl::StatusOr<DeliveryKind> ChooseKind(std::string_view shape,
                                        std::string_view event);

// The one kind of ChooseKind, or for shape `all` those of each of S1 to S6 that
// carries the event.
absl::StatusOr<std::vector<DeliveryKind>> ChooseKinds(std::string_view shape,
                                                      std::string_view event);

}  // namespace tuco::cli

#endif  // TUCO_SERVER_CLI_DELIVERY_KIND_H_

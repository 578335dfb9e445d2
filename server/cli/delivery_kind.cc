#include "server/cli/delivery_kind.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "server/base/status_macros.h"
#include "tuco/strings.h"

namespace tuco::cli {
namespace {

// A shape and the events that Tuco puts into it, its default first.
struct ShapeEvents {
  Shape shape;
  std::string_view name;
  std::vector<std::string_view> events;
};

const std::array<ShapeEvents, 7>& Shapes() {
  static const std::array<ShapeEvents, 7> shapes = {{
      {Shape::kS1,
       "S1",
       {"message.reply", "message.sent", "message.failed", "message.fallback",
        "message.opened"}},
      {Shape::kS2,
       "S2",
       {"message.sent", "message.failed", "message.fallback",
        "message.opened"}},
      {Shape::kS3, "S3", {"message.reply"}},
      {Shape::kS4, "S4", {"message.reply"}},
      {Shape::kS5, "S5", {"message.delivered", "message.fallback"}},
      {Shape::kS6, "S6", {"message.replied"}},
      {Shape::kTest,
       "test",
       {"message.sent", "message.failed", "message.fallback", "message.reply",
        "message.opened", "message.delivered", "message.replied"}},
  }};
  return shapes;
}

bool Carries(const ShapeEvents& shape, std::string_view event) {
  return EventTypeFromName(event) == EventType::kUnspecified ||
         std::find(shape.events.begin(), shape.events.end(), event) !=
             shape.events.end();
}

bool FitsHeader(std::string_view event) {
  return std::all_of(event.begin(), event.end(),
                     [](char c) { return c > ' ' && c < '\x7F'; });
}

absl::Status NotCarried(const ShapeEvents& shape, std::string_view event) {
  std::string known;
  for (const std::string_view name : shape.events) {
    known += Concat({known.empty() ? "" : ", ", name});
  }
  return absl::InvalidArgumentError(
      Concat({"shape ", shape.name, " does not carry ", event, " but ", known,
              "; leave out --shape to take one that does"}));
}

}  // namespace

absl::StatusOr<DeliveryKind> ChooseKind(std::string_view shape,
                                        std::string_view event) {
  if (!FitsHeader(event)) {
    return absl::InvalidArgumentError(
        "an event's name is made of visible ASCII characters");
  }
  const auto& shapes = Shapes();
  const auto at =
      std::find_if(shapes.begin(), shapes.end(), [&](const ShapeEvents& known) {
        return shape.empty() ? Carries(known, event) : known.name == shape;
      });
  if (at == shapes.end()) {
    return absl::InvalidArgumentError(
        Concat({"no shape '", shape,
                "'; expected S1, S2, S3, S4, S5, S6, test or all"}));
  }
  if (event.empty()) return DeliveryKind{at->shape, std::string(at->events[0])};
  if (!Carries(*at, event)) return NotCarried(*at, event);
  return DeliveryKind{at->shape, std::string(event)};
}

absl::StatusOr<std::vector<DeliveryKind>> ChooseKinds(std::string_view shape,
                                                      std::string_view event) {
  if (shape != "all") {
    TUCO_ASSIGN_OR_RETURN(DeliveryKind kind, ChooseKind(shape, event));
    return std::vector{std::move(kind)};
  }
  std::vector<DeliveryKind> kinds;
  for (const ShapeEvents& known : Shapes()) {
    if (known.shape == Shape::kTest) continue;
    if (!event.empty() && !Carries(known, event)) continue;
    TUCO_ASSIGN_OR_RETURN(kinds.emplace_back(), ChooseKind(known.name, event));
  }
  return kinds;
}

}  // namespace tuco::cli

#include "tuco/event_type.h"

#include <array>

namespace tuco {
namespace {

struct NamedType {
  std::string_view name;
  EventType type;
};

constexpr std::array kTypes = {
    NamedType{"message.sent", EventType::kMessageSent},
    NamedType{"message.failed", EventType::kMessageFailed},
    NamedType{"message.fallback", EventType::kMessageFallback},
    NamedType{"message.reply", EventType::kMessageReply},
    NamedType{"message.replied", EventType::kMessageReply},
    NamedType{"message.opened", EventType::kMessageOpened},
    NamedType{"message.delivered", EventType::kMessageDelivered},
};

// Indexed by the enumerators' numbers.
constexpr std::array<std::string_view, 10> kReasonNames = {
    "UNSPECIFIED",         "SIGNATURE_MISSING",  "SIGNATURE_REPEATED",
    "SIGNATURE_MALFORMED", "SIGNATURE_MISMATCH", "CANONICAL_DEFERRED",
    "ENDPOINT_UNKNOWN",    "BODY_TOO_LARGE",     "ENCODING_UNSUPPORTED",
    "REPLAY_BOUNDS",
};

constexpr std::array<std::string_view, 12> kFlagNames = {
    "UNSPECIFIED",
    "TEST",
    "LATE",
    "EARLY",
    "NO_TIMESTAMP",
    "DUPLICATE_KEYS",
    "HEADER_MISMATCH",
    "PARSE_ERROR",
    "TOO_DEEP",
    "ILL_FORMED_TEXT",
    "SUSPECTED_DUPLICATE",
    "WORKSPACE_MISMATCH",
};

constexpr std::array<std::string_view, 8> kShapeNames = {
    "UNSPECIFIED", "S1", "S2", "S3", "S4", "S5", "S6", "TEST",
};

// The name with that number; a number from elsewhere has the first name.
template <typename Enum, typename Names>
std::string_view NameOf(Enum value, const Names& names) {
  const auto number = static_cast<std::size_t>(value);
  return number < names.size() ? names[number] : names[0];
}

}  // namespace

EventType EventTypeFromName(std::string_view type_name) {
  for (const NamedType& known : kTypes) {
    if (known.name == type_name) return known.type;
  }
  return EventType::kUnspecified;
}

std::string_view ReasonName(Reason reason) {
  return NameOf(reason, kReasonNames);
}

std::string_view FlagName(Flag flag) { return NameOf(flag, kFlagNames); }

std::string_view ShapeName(Shape shape) { return NameOf(shape, kShapeNames); }

}  // namespace tuco

#include "tuco/internal/related_messages.h"

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "tuco/internal/field_value.h"

namespace tuco::internal {
namespace {

template <typename T>
using Slot =
    std::variant<std::optional<std::string> T::*, std::optional<Timestamp> T::*,
                 std::optional<std::int64_t> T::*>;

template <typename T>
struct KnownMember {
  std::string_view key;
  Slot<T> slot;
};

constexpr KnownMember<ParentMessage> kParentMembers[] = {
    {"messageId", &ParentMessage::message_id},
    {"message", &ParentMessage::text},
    {"sentAtUtc", &ParentMessage::sent_at},
    {"batchId", &ParentMessage::batch_id},
    {"stepIndex", &ParentMessage::step_index},
};

constexpr KnownMember<RecentReply> kReplyMembers[] = {
    {"messageId", &RecentReply::message_id},
    {"message", &RecentReply::text},
    {"receivedAtUtc", &RecentReply::received_at},
};

std::optional<std::string> ReadText(const JsonReader& json,
                                    const JsonNode& node) {
  if (node.kind != JsonKind::kString) return std::nullopt;
  std::string scratch;
  return std::string(json.Text(node, scratch));
}

// Stores one value of each type; false when it is of the wrong one.
template <typename T>
struct Store {
  const JsonReader& json;
  const JsonNode& node;
  T& element;

  bool operator()(std::optional<std::string> T::*slot) const {
    return (element.*slot = ReadText(json, node)).has_value();
  }
  bool operator()(std::optional<Timestamp> T::*slot) const {
    return (element.*slot = ReadTime(json, node)).has_value();
  }
  bool operator()(std::optional<std::int64_t> T::*slot) const {
    return (element.*slot = ReadCount(json, node)).has_value();
  }
};

// False when the member is unknown or of the wrong type.
template <typename T, typename Known>
bool ReadMember(const JsonReader& json, const JsonNode& node,
                const Known& known_members, T& element) {
  const std::string_view key = json.Key(node);
  for (const KnownMember<T>& known : known_members) {
    if (known.key != key) continue;
    if (node.kind == JsonKind::kNull) return true;
    return std::visit(Store<T>{json, node, element}, known.slot);
  }
  return false;
}

template <typename T, typename Known>
RelatedMessages<T> ReadAll(const JsonReader& json, std::uint32_t index,
                           const Known& known_members) {
  RelatedMessages<T> result;
  const std::uint32_t end = json[index].next;
  for (std::uint32_t i = index + 1; i < end; i = json[i].next) {
    T& element = result.messages.emplace_back();
    for (std::uint32_t m = i + 1; m < json[i].next; m = json[m].next) {
      if (json[m].shadowed) continue;
      result.complete &= ReadMember(json, json[m], known_members, element);
    }
  }
  return result;
}

template <typename T>
struct KindOfSlot {
  FieldKind operator()(std::optional<std::string> T::*) const {
    return FieldKind::kText;
  }
  FieldKind operator()(std::optional<Timestamp> T::*) const {
    return FieldKind::kTime;
  }
  FieldKind operator()(std::optional<std::int64_t> T::*) const {
    return FieldKind::kCount;
  }
};

template <typename T, typename Known>
FieldKind MemberKind(std::string_view key, const Known& known_members) {
  for (const KnownMember<T>& known : known_members) {
    if (known.key == key) return std::visit(KindOfSlot<T>{}, known.slot);
  }
  return FieldKind::kNone;
}

}  // namespace

RelatedMessages<ParentMessage> ReadParents(const JsonReader& json,
                                           std::uint32_t index) {
  return ReadAll<ParentMessage>(json, index, kParentMembers);
}

RelatedMessages<RecentReply> ReadRecentReplies(const JsonReader& json,
                                               std::uint32_t index) {
  return ReadAll<RecentReply>(json, index, kReplyMembers);
}

FieldKind ParentMemberKind(std::string_view key) {
  return MemberKind<ParentMessage>(key, kParentMembers);
}

FieldKind ReplyMemberKind(std::string_view key) {
  return MemberKind<RecentReply>(key, kReplyMembers);
}

}  // namespace tuco::internal

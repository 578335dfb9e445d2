// Reads the two lists of objects that a body can have: the messages that a
// reply answers, and the latest replies.

#ifndef TUCO_INTERNAL_RELATED_MESSAGES_H_
#define TUCO_INTERNAL_RELATED_MESSAGES_H_

#include <cstdint>
#include <string_view>
#include <vector>

#include "tuco/event.h"
#include "tuco/internal/field.h"
#include "tuco/internal/json_reader.h"

namespace tuco::internal {

template <typename T>
struct RelatedMessages {
  std::vector<T> messages;
  // No element has a member that is unknown or of the wrong type.
  bool complete = true;

  friend bool operator==(const RelatedMessages&,
                         const RelatedMessages&) = default;
};

// Both require that the node is an array of objects.
RelatedMessages<ParentMessage> ReadParents(const JsonReader& json,
                                           std::uint32_t index);
RelatedMessages<RecentReply> ReadRecentReplies(const JsonReader& json,
                                               std::uint32_t index);

// What the member `key` of an element holds, kNone when it is unknown.
FieldKind ParentMemberKind(std::string_view key);
FieldKind ReplyMemberKind(std::string_view key);

}  // namespace tuco::internal

#endif  // TUCO_INTERNAL_RELATED_MESSAGES_H_

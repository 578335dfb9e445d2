// Which member of a body is which field, and which of several members of one
// field goes first. docs/events.md is this table for readers.

#ifndef TUCO_INTERNAL_FIELD_TABLE_H_
#define TUCO_INTERNAL_FIELD_TABLE_H_

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "tuco/internal/field.h"

namespace tuco::internal {

// The objects of a body whose members are known.
enum class Context : std::uint8_t {
  kRoot,
  kData,      // data
  kMessage,   // message, where it is an object
  kReply,     // data.reply
  kLead,      // lead
  kOriginal,  // originalMessage
  kNone,
};

inline constexpr std::size_t kContextCount =
    static_cast<std::size_t>(Context::kNone);

// Precedence among the members of one field: the lowest goes first.
using Rank = std::uint8_t;

// S6's `from` and `to` take this one when they turn out to be the field.
inline constexpr Rank kRankOfSixthShape = 0;

// A member with this rank never gives the field its value. It only counts as
// mapped when it says the same as the one that does.
inline constexpr Rank kRankEcho = 15;

// The members that can hold the message's id; shapes are told by them.
inline constexpr Rank kTopLevelId = 1;
inline constexpr Rank kDocumentId = 2;
inline constexpr Rank kReplyDocumentId = 3;
inline constexpr Rank kNestedId = 4;
inline constexpr Rank kSnakeCaseId = 5;

// NOLINTNEXTLINE(clang-analyzer-optin.performance.Padding): as the table reads.
struct Binding {
  Context context;
  std::string_view key;
  Field field;
  Rank rank;
  Context opens = Context::kNone;  // What the member is when it is an object.
};

// More than there are bindings.
inline constexpr std::size_t kBindingCountMax = 160;

// What the member `key` of `context` is, or nullptr when it is not known;
// `hash` is KeyHash(key).
const Binding* FindBinding(Context context, std::string_view key,
                           std::uint32_t hash);

}  // namespace tuco::internal

#endif  // TUCO_INTERNAL_FIELD_TABLE_H_
